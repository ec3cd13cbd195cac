"""Plans of walks: what they refuse, and the chunks they give."""

from typing import Any

import numpy as np
import pytest

from engine.data.adjacency import EdgeList, Graph
from engine.data.vocabulary import Vocabulary
from engine.data.walking.walk_plan import NODES_PER_CHUNK, WalkPlan, reseeded, walks_on
from engine.errors import UsageError


def _ring(n: int, *, rich: bool = False) -> Graph:
    nodes = np.arange(n)
    edges = EdgeList(nodes, (nodes + 1) % n)
    if rich:
        edges = EdgeList(
            edges.source, edges.target, np.ones(n, dtype=np.float32), np.arange(n, dtype=np.int64)
        )
    split = n // 2
    ids = [str(node) for node in range(n)]
    labels = {"User": Vocabulary(ids[:split]), "Item": Vocabulary(ids[split:])}
    return Graph.from_edges(labels, edges, undirected=True)


def test_chunks_hold_every_walk_of_every_start_once() -> None:
    n = 2 * NODES_PER_CHUNK + 100
    chunks = list(walks_on(_ring(n), WalkPlan(per_node=3, length=4)))
    assert [chunk.shape for chunk in chunks] == [(1500, 4), (1500, 4), (300, 4)]
    walks = np.concatenate(chunks)
    assert (np.bincount(walks[:, 0], minlength=n) == 3).all()
    assert (np.abs(np.diff(walks, axis=1)) % (n - 2) == 1).all()
    assert (np.diff(walks[:n, 0]) < 0).any(), "nodes come in random order"


def test_only_nodes_of_the_label_start() -> None:
    walks = np.concatenate(list(walks_on(_ring(10), WalkPlan(start="Item"))))
    assert set(walks[:, 0].tolist()) == set(range(5, 10))


@pytest.mark.parametrize(
    "given", [{"in_time": True}, {"weighted": True}, {"p": 0.5}, {"restart": 0.5}]
)
def test_every_kind_of_walk_takes_edges_only(given: dict[str, Any]) -> None:
    plan = WalkPlan(per_node=4, length=6, **given)
    walks = np.concatenate(list(walks_on(_ring(10, rich=True), plan)))
    apart = np.abs(np.diff(walks, axis=1))
    taken = (walks[:, 1:] >= 0) & ~((walks[:, 1:] == walks[:, :1]) & bool(plan.restart))
    assert np.isin(apart[taken], (1, 9)).all()


def test_another_epoch_has_other_walks() -> None:
    plan = WalkPlan(seed=4)
    one, two = (np.concatenate(list(walks_on(_ring(10), reseeded(plan, at)))) for at in (1, 2))
    assert (one != two).any()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"per_node": 0}, "per_node"),
        ({"per_node": 2.5}, "per_node"),
        ({"length": -1}, "length"),
        ({"length": True}, "length"),
        ({"p": 0}, "p "),
        ({"q": 1e9}, "q "),
        ({"q": "4"}, "q "),
        ({"restart": 1.5}, "restart"),
        ({"restart": float("nan")}, "restart"),
        ({"seed": -1}, "seed"),
        ({"window": 5}, "window"),
        ({"window": -5, "in_time": True}, "window"),
        ({"p": 2.0, "restart": 0.5}, "restart"),
        ({"q": 2.0, "in_time": True}, "in_time"),
        ({"restart": 0.2, "in_time": True}, "restart"),
    ],
)
def test_what_is_no_plan_is_refused(given: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        WalkPlan(**given)


@pytest.mark.parametrize(
    ("given", "named"), [({"weighted": True}, "weighted"), ({"in_time": True}, "in_time")]
)
def test_a_graph_without_what_the_plan_needs_is_refused(given: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        next(walks_on(_ring(4), WalkPlan(**given)))
    with pytest.raises(UsageError, match="start"):
        next(walks_on(_ring(4), WalkPlan(start="Entity")))
