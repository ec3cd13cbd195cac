"""A wrong load is taken out again: exactly it, once, and the graphs between items follow."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import engine
from engine.errors import FileRefused, NotFound, UsageError
from engine.store.graph_client import Neo4jTarget

from ..terminal import invoked
from .conftest import DAY, NEWEST, connected, shop

Run = Callable[..., list[dict[str, Any]]]
_EDGES = (
    "MATCH (a:Item)-[e:CO_OCCURRED]->(b:Item) "
    "RETURN a.id AS a, b.id AS b, e.count AS n, e.score AS score ORDER BY a, b"
)
_CONTENT = (
    "MATCH (n) WHERE n:User OR n:Item "
    "RETURN labels(n) AS kind, n.id AS id, COUNT { (n)-[:INTERACTED]-() } AS events "
    "ORDER BY kind, id"
)


def wrong() -> pl.DataFrame:
    """Return a wrong export: a new user, a new item, and baskets of those that are there."""
    rows = [
        ("mallory", "gold-bar", NEWEST - DAY, "m1"),
        ("mallory", "green-tea", NEWEST - DAY, "m1"),
        ("u05", "gold-bar", NEWEST - DAY, "m2"),
    ]
    rows += [
        (f"u{n:02}", item, NEWEST - 2 * DAY, f"w{n}")
        for n in range(9)
        for item in ("sugar", "kettle")
    ]
    return pl.DataFrame(rows, schema=shop().schema, orient="row")


def test_a_load_is_undone_once(e: engine.Engine, bare_run: Run) -> None:
    content, edges = bare_run(_CONTENT), bare_run(_EDGES)
    [report] = e.ingest(wrong())
    assert report.accepted == len(wrong())
    e.build_graph("co-occurrence", min_count=1)
    assert bare_run(_EDGES) != edges
    newest = e.list_loads()[0]
    assert (newest.relations, newest.undone) == (len(wrong()), 0)
    done = e.undo_batches(loads=[newest.load])
    assert (done.relations, done.nodes) == (len(wrong()), 2)
    assert done.graphs["co-occurrence"] == len(edges)
    assert bare_run(_CONTENT) == content
    assert bare_run(_EDGES) == edges
    again = e.undo_batches(done.batches)
    assert (again.relations, again.nodes, again.graphs) == (0, 0, {})
    assert e.list_loads()[0].undone == newest.batches
    assert e.ingest(wrong())[0].accepted == len(wrong()), "the file can be loaded again"
    e.undo_batches(loads=[e.list_loads()[0].load])
    assert bare_run(_CONTENT) == content


def test_a_load_of_another_home_with_that_number_stays(
    e: engine.Engine, neo4j_target: Neo4jTarget, bare_run: Run, tmp_path: Path
) -> None:
    content = bare_run(_CONTENT)
    with connected(neo4j_target, tmp_path / "other") as other:
        e.ingest(wrong())
        number = e.list_loads()[0].load
        for n in range(number):  # until it has a load of that number
            view = {"user_id": ["u01"], "item_id": ["mug"], "timestamp": [NEWEST - n]}
            other.ingest(pl.DataFrame(view))
        assert [(one.load, one.own) for one in other.list_loads(2)] == [
            (number, True),
            (number - 1, True),
        ]
        assert [one.own for one in e.list_loads(number + 1)] == [False] * number + [True]
        assert e.undo_batches(loads=[number]).relations == len(wrong())
        assert e.undo_batches(loads=[number]).relations == 0
        with pytest.raises(NotFound, match=f"load {number + 1} of this home"):
            other.undo_batches(loads=[number + 1])
        assert other.undo_batches(loads=range(1, number + 1)).relations == number
    assert bare_run(_CONTENT) == content


def test_the_events_of_a_file_are_retracted_once(
    e: engine.Engine, bare_run: Run, tmp_path: Path
) -> None:
    content, edges = bare_run(_CONTENT), bare_run(_EDGES)
    e.ingest(wrong())
    e.build_graph("co-occurrence", min_count=1)
    file = tmp_path / "wrong.csv"
    bad = wrong().head(1).with_columns(user_id=pl.lit(""))
    pl.concat([wrong(), wrong().head(2), bad]).write_csv(file)
    done = e.retract_events(file)
    assert (done.read, done.retracted, done.bad) == (len(wrong()) + 3, len(wrong()), 1)
    assert done.nodes == 2
    assert bare_run(_CONTENT) == content
    assert bare_run(_EDGES) == edges
    again = e.retract_events(wrong())
    assert (again.retracted, again.graphs) == (0, {})
    with pytest.raises(FileRefused):
        e.retract_events(tmp_path / "nothing.csv")


def test_somebody_who_was_described_stays(e: engine.Engine, bare_run: Run) -> None:
    e.ingest(wrong(), items=pl.DataFrame({"item_id": ["gold-bar"], "name": ["Gold"]}))
    done = e.retract_events(wrong())
    assert done.nodes == 1
    assert bare_run("MATCH (i:Item {id: 'gold-bar'}) RETURN i.name AS name") == [{"name": "Gold"}]
    assert bare_run("MATCH (u:User {id: 'mallory'}) RETURN u.id AS id") == []


def test_what_is_not_there_undoes_nothing(e: engine.Engine, bare_run: Run) -> None:
    content = bare_run(_CONTENT)
    known = e.list_loads()[-1].first
    with pytest.raises(NotFound, match="there is no batch 99999"):
        e.undo_batches([known, 99999])
    with pytest.raises(NotFound, match=f"there is no batch {2**63}"):
        e.undo_batches([2**63])
    with pytest.raises(NotFound, match="there is no load 99999"):
        e.undo_batches([known], loads=[99999])
    with pytest.raises(UsageError, match="no batch is named"):
        e.undo_batches()
    assert bare_run(_CONTENT) == content


def test_the_command_line_lists_undoes_and_retracts(
    e: engine.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_server: object
) -> None:
    assert on_server
    monkeypatch.setenv("ENGINE_HOME", str(e.settings.home))
    file = tmp_path / "wrong.csv"
    wrong().write_csv(file)
    e.ingest(wrong())
    newest = json.loads(invoked("batches", "--json", "--limit", "1").stdout)[0]
    numbers = [str(number) for number in range(newest["first"], newest["last"] + 1)]
    undone = invoked("batches", "undo", *numbers)
    assert f"{len(wrong())} events and facts are out" in undone.stderr
    assert "described" in invoked("batches").stdout
    printed = json.loads(invoked("retract", "events", str(file), "--json").stdout)
    assert (printed["read"], printed["retracted"]) == (len(wrong()), 0)
