"""Visit counts against the closed form of walks with restart."""

from typing import Any

import numpy as np
import pytest

from engine.data.adjacency import EdgeList, Graph
from engine.data.vocabulary import Vocabulary
from engine.data.walking.visit_counts import VisitPlan, visit_counts
from engine.errors import UsageError

# Four users by five items; the last item has no event, the one before shares its user with none.
_BOUGHT = np.array([[3, 1, 0, 0, 0], [1, 0, 2, 0, 0], [0, 4, 1, 0, 0], [0, 0, 0, 1, 0]], float)


def _graph(weighted: bool) -> Graph:
    user, item = np.nonzero(_BOUGHT)
    weights = _BOUGHT[user, item].astype(np.float32) if weighted else None
    nodes = {"User": Vocabulary(list("abcd")), "Item": Vocabulary(list("vwxyz"))}
    return Graph.from_edges(nodes, EdgeList(user, item + 4, weights), undirected=True)


def _closed_form(weighted: bool, length: int, restart: float) -> np.ndarray:
    """Expected shares of visits: the sum of the distributions after each double step."""
    bought = _BOUGHT[:, :4] if weighted else (_BOUGHT[:, :4] > 0).astype(float)
    step = (bought / bought.sum(axis=0)).T @ (bought / bought.sum(axis=1, keepdims=True))
    place, visits = np.eye(4), np.zeros((4, 4))
    for _ in range(length):
        place = (restart * np.eye(4) + (1 - restart) * place) @ step
        visits += place
    np.fill_diagonal(visits, 0)
    shares: np.ndarray = visits[:3] / visits[:3].sum(axis=1, keepdims=True)
    return shares


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("length", "restart"), [(1, 0.5), (4, 0.0), (6, 0.5), (3, 1.0)])
def test_shares_come_to_the_closed_form(
    weighted: bool, length: int, restart: float, rng: np.random.Generator
) -> None:
    plan = VisitPlan(top=5, walks=40_000, length=length, restart=restart)
    found = visit_counts(_graph(weighted), rng, plan)
    assert found.neighbours.dtype == np.int32
    assert found.weights.dtype == np.float32
    assert found.neighbours.shape == found.weights.shape == (5, 5)
    shares = np.zeros((5, 6))
    np.put_along_axis(shares, found.neighbours.astype(np.int64), found.weights, axis=1)
    exact = _closed_form(weighted, length, restart)
    np.testing.assert_allclose(shares[:3, :4], exact, atol=0.012)
    assert np.abs(exact - _closed_form(not weighted, length, restart)).max() > 0.03
    assert (found.neighbours[3:] == -1).all()
    assert (found.weights[3:] == 0).all()
    assert (np.diff(found.weights, axis=1) <= 0).all()


def test_only_the_most_visited_stay_and_sum_to_1(rng: np.random.Generator) -> None:
    every = visit_counts(_graph(True), np.random.default_rng(1), VisitPlan(top=5))
    one = visit_counts(_graph(True), np.random.default_rng(1), VisitPlan(top=1))
    np.testing.assert_array_equal(one.neighbours, every.neighbours[:, :1])
    assert one.weights[:3].tolist() == [[1.0]] * 3
    np.testing.assert_array_equal(every.first(1).neighbours, one.neighbours)
    assert every.first(1).weights[:3].tolist() == [[1.0]] * 3
    two = every.weights[:3, :2]
    np.testing.assert_allclose(every.first(2).weights[:3], two / two.sum(axis=1, keepdims=True))
    assert not every.first(2).weights[3:].any()


def test_some_nodes_are_asked_about_alone(rng: np.random.Generator) -> None:
    plan = VisitPlan(top=5, walks=20_000, length=4)
    every = visit_counts(_graph(True), rng, plan)
    some = visit_counts(_graph(True), rng, plan, of=slice(1, 3))
    assert some.neighbours.shape == (2, 5)
    for row in range(2):
        shares = [
            dict(zip(one.neighbours[at].tolist(), one.weights[at].tolist(), strict=True))
            for one, at in ((some, row), (every, row + 1))
        ]
        assert shares[0] == pytest.approx(shares[1], abs=0.02)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"top": 0}, "top"),
        ({"walks": -1}, "walks"),
        ({"length": 1.5}, "length"),
        ({"restart": 2}, "restart"),
        ({"restart": "0.5"}, "restart"),
    ],
)
def test_bad_parameters_are_named(given: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        VisitPlan(**given)


def test_a_label_must_be_there(rng: np.random.Generator) -> None:
    with pytest.raises(UsageError, match="label"):
        visit_counts(_graph(False), rng, label="Shop")
