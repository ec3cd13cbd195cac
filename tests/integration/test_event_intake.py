"""Posts of many clients share transactions, and each has the answer of its own events."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import neo4j
import polars as pl
import pytest

from engine.config import Settings
from engine.connections.session import open_registry
from engine.errors import AlreadyThere, Busy, Unreachable
from engine.graph import event_writes
from engine.loading.event_intake import EventIntake
from engine.loading.event_posts import IntakeResult, write_posts
from engine.serving.live_graph import LiveGraph
from engine.store.graph_client import ClientLimits, GraphClient
from engine.store.registry import Registry

Run = Callable[..., list[dict[str, Any]]]
_EVENTS = "MATCH ()-[r:INTERACTED]->(i) RETURN i.id AS item ORDER BY item"
_BATCHES = "MATCH (b:Batch) RETURN b.rows AS rows ORDER BY b.number"


def _post(*items: str, **more: str) -> list[dict[str, str]]:
    return [{"user_id": "u", "item_id": item, "timestamp": "1700000000"} | more for item in items]


def _items(run: Run) -> list[str]:
    return [row["item"] for row in run(_EVENTS)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with open_registry(settings) as opened:
        yield opened


@contextmanager
def _held(driver: neo4j.Driver, item: str) -> Iterator[None]:
    """Keep events on an item from being written until the block ends."""
    with driver.session() as session, session.begin_transaction() as transaction:
        transaction.run("MERGE (i:Item {id: $id}) SET i.held = true", id=item).consume()
        yield
        transaction.rollback()


def test_one_post_that_cannot_be_written_fails_alone(graph: GraphClient, run: Run) -> None:
    poison = _post("\ud800")  # half a character: no database takes it
    outcomes = write_posts(graph, [_post("a"), _post("b"), poison, _post("c", "d")], 1)
    assert [outcomes[at] for at in (0, 1, 3)] == [IntakeResult(1), IntakeResult(1), IntakeResult(2)]
    assert isinstance(outcomes[2], UnicodeEncodeError)
    assert _items(run) == ["a", "b", "c", "d"]


def test_a_post_that_is_refused_leaves_not_even_its_nodes(graph: GraphClient, run: Run) -> None:
    bad = [*_post("x"), {"user_id": "u", "item_id": "y", "timestamp": "yesterday"}]
    clash = [*_post("z"), *_post("a", event_id="one"), *_post("b", event_id="one")]
    outcomes = write_posts(graph, [bad, _post("c", event_id="c"), clash], 1)
    assert isinstance(outcomes[0], IntakeResult)
    assert isinstance(outcomes[2], IntakeResult)
    assert [(one.row, one.code) for one in outcomes[0].bad] == [(1, "type-error")]
    assert [(one.row, one.code) for one in outcomes[2].conflicts] == [(2, "conflict")]
    assert outcomes[1] == IntakeResult(1)
    assert run("MATCH (n:User|Item) RETURN n.id AS id ORDER BY id") == [{"id": "c"}, {"id": "u"}]


def test_an_event_that_somebody_else_writes_meanwhile_undoes_the_transaction(
    graph: GraphClient, run: Run
) -> None:
    event = pl.DataFrame(
        {
            "user": ["u"],
            "item": ["i"],
            "key": [7],
            "event": ["buy"],
            "at": [1],
            "weight": [1.0],
            "basket": [None],
            "list": [None],
            "position": [None],
        },
        schema_overrides={"basket": pl.String, "list": pl.String, "position": pl.Int64},
    )
    run("CREATE (:User {id: 'u'}), (:Item {id: 'i'}), (:User {id: 'v'}), (:Item {id: 'j'})")
    other = event.with_columns(user=pl.lit("v"), item=pl.lit("j"))

    def choose(known: dict[int, tuple[Any, ...]]) -> pl.DataFrame:
        if known:
            return event.clear()
        event_writes.create_events(graph, other, 1)
        return event

    with pytest.raises(AlreadyThere):
        event_writes.write_chosen_events(graph, [7], choose, 1)
    event_writes.write_chosen_events(graph, [7], choose, 1)
    assert _items(run) == ["j"]


def test_posts_with_the_same_events_at_once_count_each_once(graph: GraphClient, run: Run) -> None:
    posts = [_post("a", "b"), _post("b", "c"), _post("a", "c", "d")]
    with ThreadPoolExecutor(4) as pool:
        answers = [
            outcome
            for outcomes in pool.map(lambda _: write_posts(graph, posts, 1), range(4))
            for outcome in outcomes
            if isinstance(outcome, IntakeResult)
        ]
    assert sum(one.accepted for one in answers) == 4
    assert sum(one.accepted + one.duplicate for one in answers) == 4 * 7
    assert _items(run) == ["a", "b", "c", "d"]


def test_what_waits_is_written_together(
    graph: GraphClient,
    run: Run,
    bare_driver: neo4j.Driver,
    settings: Settings,
    registry: Registry,
    until: Callable[..., None],
) -> None:
    intake = EventIntake(settings, registry, lambda work: work(graph))
    with _held(bare_driver, "first"):
        first = intake.submit(_post("first"))
        until(first.running)
        others = [intake.submit(_post(f"i{n}", "same")) for n in range(20)]
        given_up = intake.submit(_post("never"))
        assert given_up.cancel()
    assert first.result(timeout=60) == IntakeResult(1)
    taken = [one.result(timeout=60) for one in others]
    assert [(one.accepted, one.duplicate) for one in taken] == [(2, 0)] + [(1, 1)] * 19
    assert run(_BATCHES) == [{"rows": 1}, {"rows": 21}]
    assert "never" not in _items(run)
    intake.close()
    load = registry.ingests()[0]
    assert (load.status, load.rows_read, load.accepted) == ("finished", 41, 22)


def test_a_queue_that_is_full_refuses_at_once(
    graph: GraphClient,
    bare_driver: neo4j.Driver,
    settings: Settings,
    registry: Registry,
    until: Callable[..., None],
) -> None:
    intake = EventIntake(settings, registry, lambda work: work(graph), most_waiting=3)
    with _held(bare_driver, "first"):
        first = intake.submit(_post("first"))
        until(first.running)
        waiting = intake.submit(_post("a", "b"))
        assert intake.events_waiting == 2  # the first is being written
        with pytest.raises(Busy, match="2 events are waiting"):
            intake.submit(_post("c", "d"))
        last = intake.submit(_post("e"))
    assert [one.result(timeout=60) for one in (first, waiting, last)] == [
        IntakeResult(1),
        IntakeResult(2),
        IntakeResult(1),
    ]
    assert intake.events_waiting == 0
    intake.close()
    with pytest.raises(Busy, match="ending"):
        intake.submit(_post("f"))


def test_without_a_server_every_post_hears_so_and_the_next_is_tried(
    settings: Settings, registry: Registry, unused_port: int
) -> None:
    nowhere = settings.model_copy(update={"neo4j_uri": f"bolt://127.0.0.1:{unused_port}"})
    live = LiveGraph(nowhere, ClientLimits(connect=1.0), lambda _: None)
    intake = EventIntake(nowhere, registry, live.ask)
    try:
        for _ in range(2):
            with pytest.raises(Unreachable):
                intake.submit(_post("a")).result(timeout=60)
    finally:
        intake.close()
        live.close()
