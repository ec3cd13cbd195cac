"""Lists by content from an index of brought vectors: as those that compare all items."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.errors import NotFound
from engine.graph import content_index, vector_index
from engine.graph.content_index import ContentIndex
from engine.graph.lists import item_neighbours
from engine.graph.lists.recommendations import Question
from engine.graph.vector_index import IndexSettings
from engine.store.graph_client import GraphClient

from .terminal import engine, invoked

Run = Callable[..., list[dict[str, Any]]]
_ITEMS = """
UNWIND range(0, size($pictures) - 1) AS n
CREATE (item:Item {id: 'i' + toString(n), kind: CASE WHEN n % 10 = 0 THEN 'rare' ELSE 'usual' END})
WITH item, n
CALL db.create.setNodeVectorProperty(item, 'picture', $pictures[n])
CALL (item, n) {
  WITH * WHERE n % 2 = 0
  CALL db.create.setNodeVectorProperty(item, 'sound', $sounds[n])
  RETURN count(*) AS half
}
RETURN count(*) AS made
"""
_HALF = """
MATCH (item:Item)
WHERE toInteger(substring(item.id, 1)) % 2 = 0
CALL db.create.setNodeVectorProperty(item, 'embedding_g900', item.picture)
RETURN count(*) AS half
"""


@pytest.fixture
def vectors(run: Run, rng: np.random.Generator) -> dict[str, Any]:
    """Sixty items with pictures, every second one with a sound."""
    made = {
        "pictures": rng.normal(size=(60, 12)).astype(np.float32),
        "sounds": rng.normal(size=(60, 9)).astype(np.float32),
    }
    run(_ITEMS, **{name: one.tolist() for name, one in made.items()})
    return made


def _cosines(rows: Any, at: int) -> Any:
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit @ unit[at]


def _alike(graph: GraphClient, item: str, k: int = 5) -> list[str]:
    found = item_neighbours.alike_in_content(graph, item, Question(k=k))
    return [one.id for one in found.items]


def test_an_index_for_each_vector_lists_what_comparing_everything_does(
    graph: GraphClient, vectors: dict[str, Any], on_server: object
) -> None:
    assert content_index.widths(graph) == {}
    one, other = vectors["pictures"], vectors["sounds"]
    pictures = _cosines(one, 3)
    expected = [f"i{n}" for n in np.argsort(-pictures) if n != 3][:5]
    assert _alike(graph, "i3") == expected
    both = np.where(np.arange(60) % 2 == 0, (_cosines(one, 4) + _cosines(other, 4)) / 2, np.nan)
    mean = np.where(np.isnan(both), _cosines(one, 4), both)
    means = [f"i{n}" for n in np.argsort(-mean) if n != 4][:5]
    assert _alike(graph, "i4") == means

    rows = json.loads(engine("graph", "build", "content", "--json"))
    assert {row["attribute"]: row["dimension"] for row in rows} == {"picture": 12, "sound": 9}
    assert all(row["built"] for row in rows)
    assert content_index.widths(graph) == {"picture": 12, "sound": 9}
    assert _alike(graph, "i3") == expected
    assert _alike(graph, "i4") == means
    assert content_index.nearest(graph, "i3", {"picture": 12}, 6) == expected


def test_the_index_is_asked_and_all_items_where_too_few_are_left(
    graph: GraphClient, vectors: dict[str, Any], run: Run
) -> None:
    """An index under the name of pictures, but of half of the items, shows that it was asked."""
    run(_HALF)
    settings = IndexSettings(16, 100)
    vector_index.build_named(
        graph, "item_content_picture", ("Item", "embedding_g900"), 12, settings
    )
    cosines = _cosines(vectors["pictures"], 3)
    order = [n for n in np.argsort(-cosines).tolist() if n != 3]
    half = [f"i{n}" for n in order if n % 2 == 0]
    assert _alike(graph, "i3") == half[:5]
    assert _alike(graph, "i3", 40) == [f"i{n}" for n in order[:40]]
    content_index.build(graph)
    assert _alike(graph, "i3") == [f"i{n}" for n in order[:5]]
    rare = [f"i{n}" for n in order if n % 10 == 0]
    question = Question(k=5, filters={"kind": ("rare",)})
    found = item_neighbours.alike_in_content(graph, "i3", question)
    assert [one.id for one in found.items] == rare[:5]


def test_an_item_whose_vector_is_in_no_index_is_compared_with_all(
    graph: GraphClient, vectors: dict[str, Any], run: Run
) -> None:
    vector_index.build_named(
        graph, "item_content_picture", ("Item", "picture"), 12, IndexSettings(16, 100)
    )
    assert content_index.nearest(graph, "i4", {"picture": 12}, 5) is None
    assert content_index.nearest(graph, "nothing", {"picture": 12}, 5) is None
    # A vector of another length cannot be asked for, and what is none is in no index.
    run("MATCH (item:Item {id: 'i5'}) SET item.picture = [0.5, 1.5]")
    run("MATCH (item:Item {id: 'i7'}) SET item.picture = [n IN range(1, 12) | '0.5']")
    assert _alike(graph, "i5") == []
    with pytest.raises(NotFound, match="i7 by content: it has no vector"):
        _alike(graph, "i7")
    assert "i7" not in _alike(graph, "i3", 59)
    assert len(content_index.nearest(graph, "i3", {"picture": 12}, 6) or ()) == 5
    assert len(_alike(graph, "i4")) == 5
    with pytest.raises(NotFound, match="no item"):
        _alike(graph, "nothing")


def test_what_no_index_takes_is_said(graph: GraphClient, run: Run, on_server: object) -> None:
    with pytest.raises(NotFound, match="no item has a vector"):
        invoked("graph", "build", "content")
    run(
        "CREATE (item:Item {id: 'long'}) WITH item "
        "CALL db.create.setNodeVectorProperty(item, 'scan', [n IN range(1, 5000) | 1.0 / n]) "
        "RETURN item.id"
    )
    assert content_index.build(graph) == [ContentIndex("scan", 5_000, built=False)]
    assert content_index.widths(graph) == {}
