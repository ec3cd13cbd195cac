"""Every event once: through thirty kills, two loads at once, and files that overlap.

What should be in the graph is worked out by plain Python from the file, never by the engine.
"""

import csv
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import neo4j
import numpy as np
import polars as pl
import pytest

from engine.data.entity_kinds import EntityKind
from engine.graph import batch_writes
from engine.loading.event_writer import EventWriter
from engine.store.graph_client import GraphClient

from . import forked

KILLS = 30
_START = 1_700_000_000
_GRAPH = """
MATCH (u:User)-[r:INTERACTED]->(i:Item)
RETURN u.id, i.id, r.event, r.at, r.weight, r.basket
"""
_HALF_BATCHES = """
MATCH (b:Batch)
OPTIONAL MATCH ()-[r {batch: b.number}]->()
WITH b, count(r) AS there WHERE there <> b.rows
RETURN b.number, b.rows, there
"""
_CLEAR = "MATCH (n) WHERE NOT n:__Migration CALL (n) { DETACH DELETE n } IN TRANSACTIONS"

Event = tuple[str, str, str, int, float, str | None]


@dataclass
class Shop:
    """Files, and what a graph made of them holds."""

    folder: Path
    events: set[Event] = field(default_factory=set)
    bad: int = 0
    facts: set[tuple[str, str]] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        files = [str(self.folder / name) for name in ("events.csv", "items.csv", "facts.csv")]
        flags = ["--items", files[1], "--facts", files[2], "--batch-rows", "150", "--json"]
        return ["ingest", files[0], *flags]


def _write(path: Path, header: str, rows: list[list[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(header.split(","))
        out.writerows(rows)


def _event_rows(rng: np.random.Generator, count: int) -> list[list[Any]]:
    rows: list[list[Any]] = [
        [
            f"u{min(rng.zipf(1.3), 900)}",
            f"i{min(rng.zipf(1.4), 400)}",
            str(rng.choice(["view", "buy"])),
            _START + int(rng.integers(0, 5_000_000)),
            int(rng.integers(1, 4)),
            f"b{rng.integers(0, 2_000)}" if rng.random() < 0.5 else "",
        ]
        for _ in range(count)
    ]
    repeats = [rows[at] for at in rng.integers(0, count, count // 20)]
    broken = [["", "i1", "buy", _START, 1, ""] for _ in range(count // 100)]
    mixed = rows + repeats + broken
    return [mixed[at] for at in rng.permutation(len(mixed))]


def _oracle(rows: list[list[Any]]) -> set[Event]:
    return {
        (user, item, event, at * 1000, float(weight), basket or None)
        for user, item, event, at, weight, basket in rows
        if user
    }


@pytest.fixture
def shop(tmp_path: Path, rng: np.random.Generator) -> Shop:
    rows = _event_rows(rng, 2_400)
    found = Shop(tmp_path, _oracle(rows), sum(not row[0] for row in rows))
    _write(tmp_path / "events.csv", "user_id,item_id,event,timestamp,weight,basket_id", rows)
    found.names = {f"i{n}": f"Item {n}" for n in range(1, 401)}
    _write(tmp_path / "items.csv", "item_id,name", [[k, v] for k, v in found.names.items()])
    found.facts = {(f"i{n}", f"c{n % 17}") for n in range(1, 400)}
    facts = [[head, "Item", "in_category", tail, "Category"] for head, tail in found.facts]
    _write(tmp_path / "facts.csv", "head,head_type,relation,tail,tail_type", facts)
    return found


@pytest.fixture
def session(bare_driver: neo4j.Driver) -> Iterator[neo4j.Session]:
    with bare_driver.session() as opened:
        yield opened


def _events(session: neo4j.Session) -> list[Event]:
    return [tuple(record) for record in session.run(_GRAPH)]  # type: ignore[misc]


def _check(session: neo4j.Session, shop: Shop) -> None:
    found = _events(session)
    assert len(found) == len(set(found)), "an event stands twice"
    assert set(found) == shop.events
    facts = session.run("MATCH (i:Item)-[:IN_CATEGORY]->(c:Category) RETURN i.id, c.id")
    assert sorted(tuple(record) for record in facts) == sorted(shop.facts)
    named = session.run("MATCH (i:Item) WHERE i.name IS NOT NULL RETURN i.id, i.name")
    assert {record[0]: record[1] for record in named} == shop.names
    users = session.run("MATCH (u:User) RETURN collect(u.id) AS ids").single(strict=True)["ids"]
    assert sorted(users) == sorted({event[0] for event in shop.events})


def _run(command: list[str], folder: Path, **environment: str) -> list[dict[str, Any]]:
    folder.mkdir(exist_ok=True)
    out = folder / "report.json"
    load = forked.begin(command, out, **environment)
    load.join()
    assert load.exitcode == 0, out.with_suffix(".err").read_text(encoding="utf-8")
    reports: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    for one in reports:
        assert one["read"] == one["accepted"] + one["duplicate"] + one["quarantined"]
    return reports


@pytest.mark.usefixtures("graph", "on_server")
def test_thirty_kills_leave_the_graph_of_one_clean_run(
    shop: Shop, session: neo4j.Session, rng: np.random.Generator
) -> None:
    kills, whole = 0, 60.0
    while kills < KILLS:
        began = time.monotonic()
        load = forked.begin(shop.command, shop.folder / "out")
        load.join(timeout=float(rng.uniform(0.1, 1.0)) * whole)
        if load.is_alive():
            load.kill()
            kills += 1
        load.join()
        assert session.run(_HALF_BATCHES).data() == []
        if load.exitcode == 0:
            # What a whole load takes bounds the moments to choose from; a busy machine differs.
            whole = min(whole, time.monotonic() - began)
            _check(session, shop)
            session.run(_CLEAR).consume()
    _run(shop.command, shop.folder)
    _check(session, shop)
    again = _run(shop.command, shop.folder)
    assert [one["accepted"] for one in again] == [0, 0, 0]
    _check(session, shop)


@pytest.mark.usefixtures("graph", "on_server")
def test_two_loads_of_one_file_at_once_write_every_event_once(
    shop: Shop, session: neo4j.Session, tmp_path: Path
) -> None:
    homes = [tmp_path / name for name in ("one", "two")]
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda home: _run(shop.command, home, ENGINE_HOME=str(home)), homes))
    _check(session, shop)
    accepted = [one["accepted"] for reports in both for one in reports if one["kind"] == "events"]
    assert sum(accepted) == len(shop.events)


@pytest.mark.usefixtures("graph", "on_server")
def test_a_file_that_overlaps_adds_what_is_new(
    shop: Shop, session: neo4j.Session, rng: np.random.Generator, tmp_path: Path
) -> None:
    _run(shop.command, shop.folder)
    rows = _event_rows(rng, 800)
    with (tmp_path / "events.csv").open(encoding="utf-8") as file:
        old = list(csv.reader(file))[1:900]
    path = tmp_path / "more.csv"
    _write(path, "user_id,item_id,event,timestamp,weight,basket_id", old + rows)
    new = _oracle(rows) - shop.events
    report = _run(["ingest", str(path), "--json"], tmp_path)[0]
    assert report["accepted"] == len(new)
    assert set(_events(session)) == shop.events | new


def test_nodes_that_were_removed_during_a_load_are_made_again(
    graph: GraphClient, session: neo4j.Session
) -> None:
    """Another home may undo, forget or tidy meanwhile: a load remembers whom it has merged."""

    def views(first: int) -> pl.DataFrame:
        rows = [
            {"key": n, "user": f"u{n % 4}", "item": f"i{n % 3}", "event": kind, "at": n}
            for n in range(first, first + 24)
            for kind in ("dislike" if n % 6 == 5 else "view",)
        ]
        nothing = pl.lit(None, dtype=pl.String)
        return pl.DataFrame(rows).with_columns(
            row=pl.col("key"),
            weight=1.0,
            basket=nothing,
            list=nothing,
            position=pl.lit(None, dtype=pl.Int64),
        )

    ends = EntityKind("Item"), EntityKind("User")
    with EventWriter(graph, 1) as writer:
        assert writer.write(views(0)).result().new == 24
        batch_writes.merge_facts(graph, "LIKED_BY", ends, [["i0", "u0", 1]], 1)
        session.run("MATCH (n) WHERE n.id IN ['u1', 'i0'] DETACH DELETE n").consume()
        assert writer.write(views(24)).result().new == 24
        keys = "MATCH (:User)-[r:INTERACTED|DISLIKES]->(:Item) WHERE r.key >= 24 RETURN r.key"
        assert sorted(session.run(keys).value()) == list(range(24, 48))
        session.run("MATCH (n) WHERE n.id IN ['u0', 'i0'] DETACH DELETE n").consume()
        assert batch_writes.merge_facts(graph, "LIKED_BY", ends, [["i0", "u0", 1]], 1) == 1
