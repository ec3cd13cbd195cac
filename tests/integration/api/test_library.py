"""The library: frames in, frames out, one connection, errors as on the command line."""

import asyncio
import inspect
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import engine
import engine.api.results
from engine.errors import DataError, NotFound, UsageError

from .conftest import TEAS, items, shop


@pytest.mark.parametrize("form", ["polars", "lazy", "pandas", "pandas-index", "arrow", "path"])
def test_events_come_as_a_frame_of_any_kind_or_a_file(
    e: engine.Engine, csv: Path, form: str
) -> None:
    frame = shop()
    # A frame that was filtered keeps numbers of its rows, which are no column of the data.
    table = frame.to_pandas()
    source = {
        "polars": frame,
        "lazy": frame.lazy(),
        "pandas": table,
        "pandas-index": table.set_index(table.index + 7),
        "arrow": frame.to_arrow(),
        "path": csv,
    }[form]
    [report] = e.ingest(source)
    assert (report.read, report.duplicate, report.quarantined) == (len(frame), len(frame), 0)


def test_a_frame_is_held_to_the_contract_of_files(e: engine.Engine) -> None:
    at = [1_699_000_000_000] * 2
    bad = pl.DataFrame({"user_id": ["alice", None], "item_id": ["mug"] * 2, "timestamp": at})
    [report] = e.ingest(bad)
    assert (report.read, report.quarantined) == (2, 1)
    assert sum(report.reasons.values()) == 1


def test_what_is_no_source_is_refused(e: engine.Engine) -> None:
    with pytest.raises(UsageError, match="events must be a path, or a frame"):
        e.ingest(42)
    mixed = pd.DataFrame({"user_id": ["alice", 7, object()], "item_id": ["mug"] * 3})
    with pytest.raises(DataError, match="events: the frame has a column"):
        e.ingest(mixed)
    with pytest.raises(UsageError, match="no file is named"):
        e.ingest()


def test_a_list_is_a_frame_and_takes_every_option(e: engine.Engine) -> None:
    found = e.recommend("alice", k=5, where={"category": "tea"}, exclude_seen=False)
    frame = found.to_pandas()
    assert list(frame["item"]) == [one.id for one in found.items]
    assert list(frame["rank"]) == list(range(1, len(frame) + 1))
    assert set(frame["item"]) <= set(TEAS)
    assert found.to_polars()["item"].to_list() == list(frame["item"])
    assert "item" in found._repr_html_()
    pinned = e.recommend(
        "alice", pins=["honey"], block=["coffee"], boosts={("category", "food"): 2}
    )
    ids = [one.id for one in pinned.items]
    assert ids[0] == "honey"
    assert "coffee" not in ids
    with pytest.raises(UsageError, match="a list has no option colour"):
        e.recommend("alice", colour="red")  # type: ignore[call-arg]


def test_the_command_line_says_the_same(e: engine.Engine) -> None:
    alone = e.similar(["green-tea", "coffee"], by="bought-together", k=3)
    assert alone.items
    with pytest.raises(UsageError, match="takes one ITEM, not 2"):
        e.similar(["green-tea", "coffee"])
    with pytest.raises(NotFound, match="no-such-item"):
        e.explain("alice", "no-such-item")


def test_a_sample_goes_there_and_back(e: engine.Engine) -> None:
    edges = e.sample(["alice"], [2, 3])
    first = [one for one in edges if one.hop == 1]
    assert {one.source for one in first} == {"alice"}
    assert {one.target for one in first} <= {"green-tea", "mug"}
    second = [one for one in edges if one.hop == 2]
    assert {one.source for one in second} == {one.target for one in first}
    with pytest.raises(NotFound):
        e.sample(["nobody"])
    with pytest.raises(UsageError, match="how must be one of"):
        e.sample(["alice"], how="backwards")  # type: ignore[arg-type]


def test_a_run_shows_its_figures(e: engine.Engine) -> None:
    run = e.train("als", settings={"dimension": 8}, epochs=2, ranker=False, seed=3)
    assert {"blend", "popular"} <= set(run.metrics["method"])
    compared = run.compare("recall@20")
    of_blend = compared.filter(pl.col("method") == "blend")
    assert of_blend["blend_minus_method"].null_count() == len(of_blend)
    assert run.verdicts[0] in run._repr_html_()
    assert e.run(run.id).model == "als"
    assert e.runs(1)[0].id == run.id
    with pytest.raises(UsageError, match="there is no setting colour"):
        e.train("als", colour=1)
    for call in (e.train, e.plan_night, e.compare):
        with pytest.raises(UsageError, match=r"seed must be a whole number from 0 to \d+, not -1"):
            call(seed=-1)
        with pytest.raises(UsageError, match=f"not {2**63}"):
            call(seed=2**63)


def test_generations_are_a_table(e: engine.Engine) -> None:
    before = next(row["number"] for row in e.generations() if row["serving"])
    waiting = e.publish(promote=False)
    assert not waiting.in_service
    assert e.promote(waiting.generation, why="test").moved
    assert e.rollback(before).generation == before
    assert e.generations().to_polars().height >= 2
    assert [move.why for move in e.pointer_moves()][1] == "test"


def test_lists_made_elsewhere_are_judged(e: engine.Engine, tmp_path: Path) -> None:
    users = sorted(set(shop()["user_id"]))
    lists = pl.DataFrame(
        [(user, item, rank) for user in users for rank, item in enumerate(TEAS, start=1)],
        schema=["user_id", "item_id", "rank"],
        orient="row",
    )
    from_graph = e.evaluate(lists, k=[3])
    from_frame = e.evaluate(lists.to_pandas(), shop(), k=[3])
    assert from_graph.to_dicts() == from_frame.to_dicts()
    assert "lists.parquet" in set(from_frame.to_polars()["method"])


def test_many_ask_at_once(e: engine.Engine) -> None:
    alone = e.recommend("alice").to_dicts()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: e.recommend("alice").to_dicts(), range(40)))
    assert all(answer == alone for answer in answers)

    async def several() -> list[engine.api.results.RecommendationList]:
        return await asyncio.gather(*(e.arecommend("alice") for _ in range(10)))

    assert all(one.to_dicts() == alone for one in asyncio.run(several()))
    blended = e.recommend("alice", blend="popular", fallback=["trending"]).to_dicts()
    later = asyncio.run(e.arecommend("alice", blend="popular", fallback=["trending"]))
    assert later.to_dicts() == blended != alone
    taken = inspect.signature(e.arecommend).parameters
    assert taken.keys() == inspect.signature(e.recommend).parameters.keys()
    assert asyncio.run(e.asimilar("green-tea")).items
    assert asyncio.run(e.aexplain("alice", "coffee")).sentence


def test_one_connection_is_shared_and_closed(e: engine.Engine) -> None:
    from engine.connections import session

    e.status()
    with session.open_graph(e.settings) as first, session.open_graph(e.settings) as second:
        assert first is second
    e.close()
    assert e.settings.neo4j_uri not in {target.uri for target in session._lent}
    assert e.status().users == 80  # the next call opens it anew


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(engine.errors.ConfigError, match="there is no setting colour"):
        engine.connect(colour="red")


def test_items_are_there_with_their_attributes(e: engine.Engine) -> None:
    assert e.status().items == len(items())
    assert {one.name for one in e.recommend("alice", likes=["green-tea"]).items} <= {
        name for name in items()["name"]
    }
    kinds = dict(items().select("item_id", "category").iter_rows())
    described = e.recommend("alice", attributes=["category"]).to_polars()
    assert dict(described.select("item", "category").iter_rows()).items() <= kinds.items()
    with pytest.raises(UsageError, match="no pins, boosts, diversity, attributes or exploration"):
        e.recommend_all("lists.csv", attributes=["category"])


def test_the_catalogue_is_described_and_found(e: engine.Engine) -> None:
    matcha = {"id": "matcha", "attributes": {"name": "Matcha from Uji", "price": 9.5}}
    assert e.describe("item", [matcha, {"id": "whisk", "hidden": True}]).accepted == 2
    assert e.describe("item", [matcha]).duplicate == 1
    assert e.items("uji mat").to_dicts() == [
        {"id": "matcha", "name": "Matcha from Uji", "hidden": False, "expires_at": None}
    ]
    assert [one.id for one in e.items(prefix="whis")] == ["whisk"]
    e.describe("item", [{"id": "matcha", "attributes": {"origin": "Uji"}}], replace=True)
    assert e.description("item", "matcha").attributes == {"origin": "Uji"}
    with pytest.raises(DataError, match="row 1: expires_at 'soon'"):
        e.describe("item", [matcha, {"id": "x", "expires_at": "soon"}])
    for wrong in ({"id": 7}, {"id": "x", "price": 1}, {"id": "x", "attributes": {"a": object()}}):
        with pytest.raises(UsageError):
            e.describe("item", [wrong])
    with pytest.raises(UsageError, match="stands alone"):
        e.items("tea", prefix="t")
