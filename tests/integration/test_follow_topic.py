"""``engine ingest --follow kafka://``: of a real broker, every event once, whatever is killed."""

import itertools
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.config import Settings, load
from engine.connections.session import open_registry
from engine.data.topic_address import parse_topic
from engine.errors import Busy, ConfigError, NotFound, Unreachable
from engine.loading.load import FileReport, IngestRequest
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.usecases.ingesting import follow

from . import forked
from .kafka_broker import KafkaBroker, broker

Run = Callable[..., list[dict[str, Any]]]
COUNT = "MATCH (u:User)-[r:INTERACTED]->(i:Item) RETURN count(r) AS events"
PLACES = "MATCH (p:SourcePosition) RETURN p.part AS part, toInteger(p.value) AS place ORDER BY part"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    with broker(tmp_path_factory.mktemp("kafka")) as running:
        yield running


@pytest.fixture
def settings(graph: GraphClient, on_server: Neo4jTarget) -> Settings:
    assert graph.target.uri == on_server.uri
    return load()


def event(user: int, item: int) -> bytes:
    moment = 1_700_000_000 + 60 * item
    return json.dumps({"user_id": f"u{user}", "item_id": f"i{item}", "timestamp": moment}).encode()


def followed(settings: Settings, address: str, messages: int, **options: Any) -> FileReport:
    """Follow a topic until so many messages were read."""
    seen: list[int] = []
    return follow(
        settings,
        IngestRequest(**options),
        parse_topic(address),
        report=lambda now: seen.append(now.read + now.blank_lines),
        should_stop=lambda: bool(seen) and seen[-1] >= messages,
    )


def test_every_message_is_read_once_and_a_bad_one_is_set_aside_with_its_place(
    kafka: KafkaBroker, settings: Settings, run: Run
) -> None:
    address = kafka.make("purchases", 2)
    kafka.send("purchases", [event(1, 1), b"{no json", None, event(1, 2), event(1, 1)], 0)
    kafka.send("purchases", [b'{"colour":\n "red"}'], 1)
    report = followed(settings, address, 6)
    assert (report.read, report.accepted, report.duplicate) == (5, 2, 1)
    assert (report.quarantined, report.blank_lines) == (2, 1)
    assert report.quarantine_file
    lines = Path(report.quarantine_file).read_text(encoding="utf-8").splitlines()
    bad = {(one["_source"], one["_line"], one["_code"]) for one in map(json.loads, lines)}
    assert bad == {("purchases[0]", 1, "bad-json"), ("purchases[1]", 0, "required-value")}
    assert run(PLACES) == [{"part": "0", "place": 5}, {"part": "1", "place": 1}]
    # Started again it goes on behind them; under another name, from the start.
    kafka.send("purchases", [event(2, 1)], 1)
    assert followed(settings, address, 1).accepted == 1
    again = followed(settings, f"{address}?group=second", 7)
    assert (again.accepted, again.duplicate, again.quarantined) == (0, 4, 2)
    with open_registry(settings) as registry:
        newest = registry.ingests()[0]
    assert (newest.source, newest.status) == (address, "finished")
    assert run(COUNT)[0]["events"] == 3


def test_a_killed_follower_started_again_loses_nothing_and_counts_nothing_twice(
    kafka: KafkaBroker, settings: Settings, run: Run, tmp_path: Path, until: Callable[..., None]
) -> None:
    address = kafka.make("kills", 3)
    sent = [event(user, item) for user in range(40) for item in range(60)]
    for partition in range(3):
        kafka.send("kills", sent[partition::3], partition)
    command = ["ingest", "--follow", address, "--batch-rows", "40"]
    for attempt in range(3):
        before = run(COUNT)[0]["events"]
        one = forked.begin(command, tmp_path / f"out{attempt}")
        until(lambda seen=before: run(COUNT)[0]["events"] > seen)
        one.kill()
        one.join()
        # Both or neither: what the places say was read is what is there, each message one event.
        read = sum(row["place"] for row in run(PLACES))
        assert read == run(COUNT)[0]["events"]
    assert read < len(sent)
    rest = followed(settings, address, len(sent) - read)
    assert (rest.accepted, rest.duplicate, rest.quarantined) == (len(sent) - read, 0, 0)
    assert run(COUNT)[0]["events"] == len(sent)


def test_two_that_follow_one_topic_into_one_graph_are_told(
    kafka: KafkaBroker, settings: Settings, run: Run
) -> None:
    address = kafka.make("twice", 1)
    kafka.send("twice", [event(1, 1)])

    def another(_report: FileReport) -> None:
        kafka.send("twice", [event(1, 2), event(1, 3)])
        if run(COUNT)[0]["events"] == 1:
            followed(settings, address, 2)

    turns = itertools.count()
    with pytest.raises(Busy, match="read by another process"):
        follow(
            settings,
            IngestRequest(batch_rows=1),
            parse_topic(address),
            report=another,
            should_stop=lambda: next(turns) > 100,
        )
    assert run(COUNT)[0]["events"] == 3


def test_a_topic_made_anew_is_read_from_its_start(
    kafka: KafkaBroker, settings: Settings, run: Run
) -> None:
    address = kafka.make("anew", 1)
    kafka.send("anew", [event(1, 1), event(1, 2)])
    assert followed(settings, address, 2).accepted == 2
    kafka.remove("anew")
    kafka.make("anew", 1)
    kafka.send("anew", [event(2, 1), event(2, 2), event(2, 3)])
    assert followed(settings, address, 3).accepted == 3
    assert run(COUNT)[0]["events"] == 5


def test_messages_that_were_removed_before_they_were_read_are_warned_of(
    kafka: KafkaBroker, settings: Settings, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    address = kafka.make("kept-a-day", 1)
    kafka.send("kept-a-day", [event(1, item) for item in range(5)])
    assert followed(settings, address, 5).accepted == 5
    kafka.send("kept-a-day", [event(2, item) for item in range(5)])
    kafka.expire("kept-a-day", 8)
    assert followed(settings, address, 2).accepted == 2
    assert "kept-a-day[0]: the brokers removed messages 5 to 7" in caplog.text
    assert run(COUNT)[0]["events"] == 7


def test_what_cannot_be_followed_says_why(
    kafka: KafkaBroker, settings: Settings, unused_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "engine.store.kafka_topic")
    with pytest.raises(NotFound, match="no topic nowhere"):
        followed(settings, f"kafka://{kafka.address}/nowhere", 1)
    with pytest.raises(ConfigError, match=r"no\.such"):
        followed(settings, f"kafka://{kafka.address}/nowhere?no.such=1", 1)
    with pytest.raises(Unreachable, match="does not answer") as away:
        followed(settings, f"kafka://bob:sesame@127.0.0.1:{unused_port}/nowhere", 1)
    assert "sesame" not in away.value.message + away.value.hint
