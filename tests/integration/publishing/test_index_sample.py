"""The settings of the index are decided on a sample; the whole one is built once."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.graph import embeddings, vector_index
from engine.graph.vector_index import IndexSettings
from engine.publishing import index_sample, index_tuning
from engine.publishing.index_sample import is_searched_whole, of_rows, sample
from engine.store.graph_client import GraphClient

_M = 24


@pytest.fixture
def shop(open_shop: Callable[[int], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(index_sample, "ITEMS", 100)
    return open_shop(300)


def _builds(shop: Any) -> list[str]:
    return [stage for stage in shop.stages if stage.startswith("indexing items")]


def _index_of(graph: GraphClient) -> dict[str, Any]:
    rows = graph.schema("index/vector_indexes")
    config = next(row["options"] for row in rows if row["name"] == "item_embedding_g1")
    return dict(config["indexConfig"])


def test_a_sample_is_some_of_the_rows_with_vectors_and_few_items_need_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_sample, "ITEMS", 50)
    items = np.ones((300, 4), dtype=np.float32)
    items[::2] = 0.0
    rows = sample(items)
    assert rows is not None
    assert len(set(rows.tolist())) == 50
    assert (rows % 2 == 1).all()
    assert (np.diff(rows) > 0).all()
    assert np.array_equal(rows, sample(items))
    assert sample(items[:200]) is None
    some = of_rows(items, rows[:3])
    assert np.flatnonzero(some.any(axis=1)).tolist() == rows[:3].tolist()


def test_lucene_compares_everything_where_it_expects_to() -> None:
    """It expects k · ln n comparisons: 2,000 · ln 20,000 = 19,807, 2,000 · ln 19,000 = 19,704."""
    assert is_searched_whole(19_000)
    assert not is_searched_whole(20_000)
    assert is_searched_whole(0)


def test_the_whole_index_is_built_once_with_what_serves_the_sample(
    shop: Any, graph: GraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheap = IndexSettings(_M, 120)
    monkeypatch.setattr(index_tuning, "LADDER", (cheap, *index_tuning.LADDER[1:]))
    published = shop.publish()
    assert published.m == _M
    assert published.overlap >= index_tuning.ENOUGH
    assert published.items == embeddings.coverage(graph, "Item", 1).vectors == 300
    assert _index_of(graph)["vector.hnsw.m"] == _M
    assert vector_index.health(graph, "Item", 1, 16) is None
    tried = [one for one in shop.stages if one.startswith("trying settings")]
    assert set(tried) == {"trying settings of the index on 100 of the items"}
    assert _builds(shop) == [f"indexing items (m={_M}, ef_construction=120)"]


@pytest.mark.parametrize(("whole", "m"), [(True, 16), (False, 64)])
def test_where_no_settings_serve_the_sample_the_size_of_the_catalogue_decides(
    shop: Any, graph: GraphClient, monkeypatch: pytest.MonkeyPatch, whole: bool, m: int
) -> None:
    """Fetching ten items serves at most half of any twenty, in the sample as in the whole."""
    monkeypatch.setattr(index_sample, "FETCHES", (10,))
    monkeypatch.setattr(index_sample, "MOST_FETCHED", 2_000 if whole else 10)
    published = shop.publish()
    assert published.m == m
    assert len(_builds(shop)) == 1
    assert published.overlap >= index_tuning.ENOUGH


def test_what_the_sample_promised_and_the_whole_index_does_not_hold_is_built_again(
    shop: Any, graph: GraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the sample forty fetched items are enough; then ten are asked for, and nothing is."""
    monkeypatch.setattr(index_tuning, "OVER_FETCHES", (10,))
    with pytest.raises(Exception, match="top 20"):
        shop.publish()
    assert [one.split(" (")[1][:4] for one in _builds(shop)] == ["m=16", "m=32", "m=64"]
    assert "again with larger settings" in _builds(shop)[1]
