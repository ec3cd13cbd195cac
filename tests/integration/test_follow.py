"""``engine ingest --follow``: events are there at once, and a killed follower counts none twice."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.config import Settings, load
from engine.loading.load import FileReport, IngestRequest
from engine.loading.locks import one_load_at_a_time
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.usecases.ingesting import follow

Run = Callable[..., list[dict[str, Any]]]
COUNT = "MATCH (u:User)-[r:INTERACTED]->(i:Item) RETURN count(r) AS events"


def line(user: int, item: int) -> str:
    moment = 1_700_000_000 + 60 * item
    return json.dumps({"user_id": f"u{user}", "item_id": f"i{item}", "timestamp": moment}) + "\n"


@pytest.fixture
def settings(graph: GraphClient, on_server: Neo4jTarget) -> Settings:
    assert graph.target.uri == on_server.uri
    return load()


def test_lines_of_a_pipe_are_in_the_graph_before_the_next_are_written(
    settings: Settings, run: Run
) -> None:
    read, write = os.pipe()
    sent = [line(1, 1) + line(1, 2), "{no json\n" + line(1, 2), line(2, 3)]
    seen: list[tuple[int, int, int, int]] = []

    def next_one(report: FileReport) -> None:
        counts = report.accepted, report.duplicate, report.quarantined
        seen.append((run(COUNT)[0]["events"], *counts))
        if sent:
            os.write(write, sent.pop(0).encode())
        else:
            os.close(write)

    os.write(write, sent.pop(0).encode())
    with os.fdopen(read, "rb") as pipe:
        report = follow(settings, IngestRequest(), pipe, report=next_one)
    assert seen[0] == (2, 2, 0, 0)
    assert seen[-1] == (3, 3, 1, 1)
    assert (report.read, report.accepted, report.duplicate, report.quarantined) == (5, 3, 1, 1)
    assert report.quarantine_file
    assert "no json" in Path(report.quarantine_file).read_text()


def test_lines_that_name_no_item_are_quarantined_and_the_stream_goes_on(
    settings: Settings, run: Run
) -> None:
    read, write = os.pipe()
    os.write(write, b'{"user_id": "u1"}\n')

    def next_one(report: FileReport) -> None:
        if report.read == 1:
            os.write(write, line(1, 1).encode())
        else:
            os.close(write)

    with os.fdopen(read, "rb") as pipe:
        report = follow(settings, IngestRequest(), pipe, report=next_one)
    assert (report.accepted, report.quarantined) == (1, 1)
    assert run(COUNT)[0]["events"] == 1


def test_a_killed_follower_started_again_loses_nothing_and_counts_nothing_twice(
    settings: Settings, run: Run, tmp_path: Path, until: Callable[..., None]
) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(line(user, item) for user in range(40) for item in range(60)))
    command = [sys.executable, "-m", "engine", "ingest", "--follow", str(path), "--json"]
    for attempt in range(2):
        before = run(COUNT)[0]["events"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as one:
            until(lambda seen=before: run(COUNT)[0]["events"] > seen)
            one.kill()
        with path.open("a") as file:
            file.write(line(99, attempt))
    after = follow(
        settings,
        IngestRequest(events=path),
        should_stop=lambda: run(COUNT)[0]["events"] >= 2_402,
    )
    assert run(COUNT)[0]["events"] == 2_402
    assert after.quarantined == 0


def test_it_stops_while_another_load_keeps_it_waiting(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(line(1, 1))
    asked = itertools.count()
    with one_load_at_a_time(settings):
        report = follow(settings, IngestRequest(events=path), should_stop=lambda: next(asked) > 2)
    assert report.read == 0
    # The batch that waited is not lost: its place is not noted.
    after = follow(settings, IngestRequest(events=path), should_stop=lambda: True)
    assert after.accepted == 1
