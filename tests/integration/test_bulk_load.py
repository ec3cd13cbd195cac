"""The first load through the offline importer: the graph that an ordinary load makes, or none."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import neo4j
import numpy as np
import psutil
import pytest

from engine.config import Settings
from engine.connections.session import open_graph
from engine.data.list_id import first_list_id
from engine.errors import Busy, UsageError
from engine.store.graph_client import Neo4jTarget
from engine.store.local_server import LocalServer
from engine.store.migration_lock import NightLock

from . import forked
from .terminal import engine, invoked

_KILLS = 3
_NODES = """
MATCH (n) WHERE n:User OR n:Item
RETURN labels(n) AS labels, properties(n) AS properties ORDER BY labels[0], n.id
"""
_EVENTS = """
MATCH (u:User)-[r:INTERACTED]->(i:Item)
RETURN u.id, i.id, r.key, r.event, r.at, r.weight, r.basket, r.list, r.position
ORDER BY r.key
"""


def _engine(home: Path, *arguments: str) -> str:
    return engine("--home", str(home), *arguments)


def _in_its_process(*arguments: str, out: Path, **environment: str) -> list[dict[str, Any]]:
    load = forked.begin(list(arguments), out, **environment)
    load.join()
    assert load.exitcode == 0, out.with_suffix(".err").read_text(encoding="utf-8")
    reports: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    return reports


def _content(target: Neo4jTarget) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    auth = (target.user, target.password)
    with neo4j.GraphDatabase.driver(target.uri, auth=auth) as driver, driver.session() as session:
        nodes = session.run(_NODES).data()
        return nodes, [tuple(record) for record in session.run(_EVENTS)]


@pytest.fixture
def events(tmp_path: Path, rng: np.random.Generator) -> Path:
    """Rows of every fate: new, twice, clashing, broken; and ids that are hard to quote."""
    path = tmp_path / "events.jsonl"
    odd = ["a,b", 'say "so"', "semi;colon", " spaced ", "back\\slash", "é", "007", "'"]
    rows: list[dict[str, Any]] = [
        {
            "user_id": f"u{rng.integers(300)}",
            "item_id": odd[n % 8] if n % 9 == 0 else f"i{rng.integers(200)}",
            "event": "buy" if n % 2 else "view",
            "timestamp": 1_700_000_000 + n,
            "weight": float(rng.integers(1, 5)) / 2,
            "basket_id": f"b{n // 3}" if n % 5 else None,
            "event_id": f"e{n}" if n % 4 else None,
            "list_id": first_list_id(1_700_000_000_000 + n) if n % 7 == 0 else None,
            "list_position": 3 if n % 14 == 0 else None,
        }
        for n in range(4_000)
    ]
    rows = [{name: cell for name, cell in row.items() if cell is not None} for row in rows]
    rows += rows[:200]
    rows += [row | {"item_id": "another"} for row in rows[1:40] if "event_id" in row]
    rows += [{"user_id": "", "item_id": "i1"}, {"user_id": "u1", "item_id": "i1", "weight": "x"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def own_server(home: Path) -> Iterator[LocalServer]:
    server = LocalServer(home / "neo4j")
    yield server
    server.stop()


@pytest.mark.usefixtures("graph")
def test_it_makes_the_graph_of_an_ordinary_load(
    events: Path, home: Path, tmp_path: Path, own_server: LocalServer, neo4j_target: Neo4jTarget
) -> None:
    other = {
        "ENGINE_NEO4J_URI": neo4j_target.uri,
        "ENGINE_NEO4J_PASSWORD": neo4j_target.password,
        "ENGINE_HOME": str(tmp_path / "other"),
    }
    load = ("ingest", str(events), "--json")
    (ordinary,) = _in_its_process(*load, out=tmp_path / "ordinary", **other)

    # A night that loads them keeps its lock, and its connection, though the graph is another.
    with open_graph(Settings(home=home)) as graph, NightLock(graph, wait_seconds=0):
        before = NightLock.holder(graph)
        (bulk,) = _in_its_process("--home", str(home), *load, "--bulk", out=tmp_path / "bulk")
        after = NightLock.holder(graph)
        assert before is not None
        assert after is not None
        assert (after.token, after.process) == (before.token, before.process)
        assert after.age_seconds >= before.age_seconds
        with pytest.raises(Busy, match="another retrain"), NightLock(graph, wait_seconds=0):
            pass
    with open_graph(Settings(home=home)) as graph:
        assert NightLock.holder(graph) is None

    assert bulk["accepted"] > 3_000
    assert bulk["reasons"]["conflict"] > 20
    names = ("read", "accepted", "duplicate", "quarantined", "reasons")
    assert {name: bulk[name] for name in names} == {name: ordinary[name] for name in names}
    ours, theirs = Path(bulk["quarantine_file"]), Path(ordinary["quarantine_file"])
    assert sorted(ours.read_text().splitlines()) == sorted(theirs.read_text().splitlines())
    assert _content(own_server.start()) == _content(neo4j_target)

    # The next load finds what is there, takes the next batch number, and --bulk is refused.
    (again,) = json.loads(_engine(home, "ingest", str(events), "--json"))
    assert (again["accepted"], again["read"]) == (0, bulk["read"])
    more = events.with_name("more.csv")
    more.write_text("user_id,item_id\nu1,i-new\n")
    _engine(home, "ingest", str(more))
    assert json.loads(_engine(home, "status", "--json"))["batches"] == 2
    with pytest.raises(UsageError) as refused:
        _engine(home, "ingest", str(events), "--bulk")
    assert "engine db reset" in refused.value.hint


def _importers(pid: int | None) -> list[psutil.Process]:
    """Return the importers that a load runs; a server that it began lives on, as it should."""
    found = []
    with suppress(psutil.NoSuchProcess):
        for one in psutil.Process(pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if "import" in one.cmdline():
                    found.append(one)
    return found


def test_a_load_that_is_killed_leaves_no_half_of_a_graph(
    events: Path, home: Path, own_server: LocalServer, rng: np.random.Generator
) -> None:
    command = ["--home", str(home), "ingest", str(events), "--bulk", "--json"]
    whole = 4_000
    for round_ in range(_KILLS):
        load = forked.begin(command, home / "out")
        load.join(timeout=float(rng.uniform(0.2, 8.0)))
        importers = _importers(load.pid)
        load.kill()
        load.join()
        if round_ == _KILLS - 1:
            # An importer whose command was killed writes on. What it left goes at the next start.
            psutil.wait_procs(importers)
        found = json.loads(_engine(home, "status", "--json"))["events"]
        assert found in (0, whole)
        if found:
            own_server.reset()
    (report,) = json.loads(_engine(home, "ingest", str(events), "--json"))
    assert report["read"] == report["accepted"] + report["duplicate"] + report["quarantined"]
    assert report["accepted"] == whole
    assert sorted(path.name for path in own_server.folder.glob("import-*")) == []


def test_bulk_is_for_the_engines_own_server(events: Path, on_server: Neo4jTarget) -> None:
    assert on_server.uri
    with pytest.raises(UsageError) as refused:
        invoked("ingest", str(events), "--bulk")
    assert "leave out --bulk" in refused.value.hint
