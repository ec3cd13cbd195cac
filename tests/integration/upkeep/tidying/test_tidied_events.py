"""``engine tidy`` on events past their limit: they go, and nothing brings them back."""

import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.connections.home import home_lock
from engine.errors import Busy
from engine.graph import batch_writes
from engine.loading.event_posts import IntakeResult, write_posts
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.migration_lock import NightLock

from ...api.conftest import connected
from .conftest import DAY, subjects


def _event(user: str, item: str, days: float | None, **more: str) -> dict[str, str]:
    """An event of so many days ago, as a row."""
    when = {} if days is None else {"timestamp": str(int(time.time() - days * DAY))}
    return {"user_id": user, "item_id": item} | when | more


def test_events_past_their_limit_go_and_no_old_file_brings_them_back(
    graph: GraphClient,
    neo4j_target: Neo4jTarget,
    tmp_path: Path,
    run: Callable[..., list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = [_event("ann", "tea", 29), _event("ann", "cup", 1), _event("bob", "tea", None)]
    old = [_event("ann", "tea", 31), _event("eve", "mug", 400), _event("bob", "cup", 31)]
    together = [_event("ann", item, 40, basket_id="b") for item in ("tea", "cup")]
    rows = [{"basket_id": ""} | one for one in (*kept, *old, *together)]
    with connected(neo4j_target, tmp_path / "kept") as e:
        e.ingest(pl.DataFrame(rows))
        e.build_graph("co-occurrence", min_count=1, unit="basket")
        assert subjects(e, dry_run=True) == set(), "nothing goes while the setting is unset"
    monkeypatch.setenv("ENGINE_EVENT_DAYS", "30")
    with connected(neo4j_target, tmp_path / "kept") as e:
        assert subjects(e, dry_run=True) == {"5 events of 3 users"}
        assert subjects(e, dry_run=False) == {"5 events of 3 users"}
        left = run(
            "MATCH (u:User)-[r:INTERACTED]->(i) RETURN u.id + ' ' + i.id AS pair ORDER BY pair"
        )
        assert [row["pair"] for row in left] == ["ann cup", "ann tea", "bob tea"]
        nodes = run("MATCH (n:User|Item) RETURN n.id AS id ORDER BY id")
        assert [row["id"] for row in nodes] == ["ann", "bob", "cup", "tea"], (
            "nothing is known of eve"
        )
        assert run("MATCH ()-[r:CO_OCCURRED]->() RETURN count(*) AS n")[0]["n"] == 0
        assert subjects(e, dry_run=False) == set()

        (report,) = e.ingest(pl.DataFrame(rows))
        assert (report.read, report.accepted, report.duplicate) == (8, 0, 3)
        assert (report.past_limit, report.quarantined) == (5, 0)
        assert not list((tmp_path / "kept" / "quarantine").glob("*.jsonl"))
        lines = "".join(json.dumps(one) + "\n" for one in (*old, _event("ann", "mug", 2)))
        followed = e.follow(pipe=io.BytesIO(lines.encode()))
        assert (followed.accepted, followed.past_limit, followed.duplicate) == (1, 3, 0)
    oldest = int((time.time() - 30 * DAY) * 1_000)
    posts = [[_event("zoe", "tea", 2), _event("zoe", "cup", 99)], [_event("zoe", "mug", 99)]]
    first, second = write_posts(graph, posts, 1, None, oldest)
    assert (first, second) == (IntakeResult(1, past_limit=1), IntakeResult(past_limit=1))


def test_events_stay_while_another_load_is_at_work(
    neo4j_target: Neo4jTarget, graph: GraphClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_EVENT_DAYS", "1")
    assert graph.server.version
    with connected(neo4j_target, tmp_path / "busy") as e:
        batch_writes.merge_users(graph, ["u"])
        batch_writes.merge_items(graph, ["i"])
        write_posts(graph, [[_event("u", "i", 9)]], 1)
        with home_lock(e.settings, "ingest.lock", Busy("a load is at work")):
            done = e.tidy()
        assert not done.removed
        assert "a load, a night or a publish" in done.skipped[0]
        with NightLock(graph, wait_seconds=0):
            assert not e.tidy().removed
        assert [one.kind for one in e.tidy().removed] == ["events"]
