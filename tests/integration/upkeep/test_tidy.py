"""``engine tidy``: what goes, what stays, that it says so first, and that it is done once."""

import io
import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy

import engine
from engine.connections.home import home_lock
from engine.connections.session import open_registry
from engine.data.list_id import first_list_id, list_time
from engine.errors import Busy
from engine.graph import batch_writes, remembered_lists, stored_generations
from engine.graph.remembered_lists import RememberedList
from engine.graph.stored_generations import MoveReason
from engine.loading.event_posts import IntakeResult, write_posts
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.migration_lock import NightLock
from engine.store.registry import Registry
from engine.upkeep.leftovers import NIGHTS_KEPT

from ..api.conftest import connected
from ..terminal import invoked

_DAY = 86_400
_DEAD = 4_194_305  # above the highest number of a process


@pytest.fixture
def e(graph: GraphClient, neo4j_target: Neo4jTarget, tmp_path: Path) -> Iterator[engine.Engine]:
    """An engine on an empty graph, with a home of its own."""
    assert graph.server.version
    with connected(neo4j_target, tmp_path / "tidied") as here:
        with open_registry(here.settings):
            pass
        yield here


def _put(home: Path, name: str, days: float) -> Path:
    """Make a file that was last written so many days ago."""
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x" * 1_000, encoding="utf-8")
    then = time.time() - days * _DAY
    for one in (path, path.parent):
        os.utime(one, (then, then))
    return path


def _files(home: Path) -> set[str]:
    return {
        path.relative_to(home).as_posix()
        for path in home.rglob("*")
        if path.is_file()
        and not path.name.startswith(("registry", "ingest.", "retrain.", "publish."))
    }


def _subjects(e: engine.Engine, *, dry_run: bool) -> set[str]:
    return {row["subject"] for row in e.tidy(dry_run=dry_run).to_dicts()}


def test_files_that_are_past_their_limit_go_and_others_stay(e: engine.Engine) -> None:
    home = e.settings.home
    goes = {
        "staging/000001.arrow": 0.0,
        "bulk/User.csv": 0.0,
        "neo4j/import-0123/data": 0.0,
        "quarantine/000001-a.jsonl": 91.0,
        "retrain/000001.json": 366.0,
        "retrain/a.csv.traceback.txt": 31.0,
        "neo4j/logs/debug.log": 31.0,
        "compare/one.npz": 91.0,
        "compare/unfinished/one/task-0/state.pt": 91.0,
        "checkpoints/unfinished/abc/state.pt": 8.0,
        f"checkpoints/7/.model.pt.{_DEAD}": 2.0,
    }
    stays = {
        "neo4j/import-done/data": 900.0,  # the graph that counts
        "quarantine/000002-b.jsonl": 89.0,
        "quarantine/notes.txt": 900.0,
        "retrain/000002.json": 364.0,
        "retrain/b.csv.traceback.txt": 29.0,
        "neo4j/logs/neo4j.log": 29.0,
        "neo4j/data/databases/x": 900.0,
        "compare/two.npz": 89.0,
        "checkpoints/unfinished/def/state.pt": 6.0,
        "checkpoints/7/model.pt": 900.0,  # of a run that the registry does not know
        f"checkpoints/8/.model.pt.{_DEAD}": 0.5,
        f"checkpoints/8/.model.pt.{os.getpid()}": 2.0,
        "follow/events.json": 900.0,
    }
    for name, days in (goes | stays).items():
        _put(home, name, days)
    for folder, days in (("compare/unfinished/one", 91.0), ("checkpoints/unfinished/abc", 8.0)):
        for path in (home / folder, *(home / folder).rglob("*")):
            os.utime(path, (time.time() - days * _DAY,) * 2)
    before = _files(home)
    shown = e.tidy(dry_run=True)
    assert _files(home) == before == set(goes) | set(stays)
    assert shown.dry_run
    assert shown.freed == 1_000 * len(goes)
    done = e.tidy()
    assert [one.as_dict() for one in done.removed] == [one.as_dict() for one in shown.removed]
    assert done.skipped == ()
    assert _files(home) == set(stays)
    assert e.tidy().removed == ()
    assert e.tidy(dry_run=True).removed == ()


def test_a_log_that_a_server_may_have_open_stays(e: engine.Engine) -> None:
    home = e.settings.home
    for name in ("neo4j/server.json", "neo4j/logs/console.log", "neo4j/logs/debug.log.01.zip"):
        _put(home, name, 900.0)
    assert _subjects(e, dry_run=False) == {"neo4j/logs/debug.log.01.zip"}


def test_a_link_goes_and_not_what_it_leads_to(e: engine.Engine, tmp_path: Path) -> None:
    mine = _put(tmp_path, "mine/precious.txt", 900.0)
    (e.settings.home / "bulk").mkdir()
    (e.settings.home / "bulk" / "a").symlink_to(mine.parent)
    assert _subjects(e, dry_run=False) == {"bulk"}
    assert mine.exists()


def test_limits_are_settings(e: engine.Engine) -> None:
    kept = _put(e.settings.home, "quarantine/000001-a.jsonl", 2.0)
    assert _subjects(e, dry_run=False) == set()
    settings = e.settings.model_copy(update={"quarantine_days": 1.0})
    assert _subjects(engine.Engine(settings, progress=False), dry_run=False) == {
        "quarantine/000001-a.jsonl"
    }
    assert not kept.exists()


@pytest.mark.parametrize(
    ("lock", "kept", "gone", "said"),
    [
        ("ingest.lock", "staging/a.arrow", "checkpoints/unfinished/a/s.pt", "a load"),
        ("retrain.lock", "checkpoints/unfinished/a/s.pt", "staging/a.arrow", "a night"),
        ("publish.lock", "checkpoints/unfinished/a/s.pt", "staging/a.arrow", "a publish"),
    ],
)
def test_what_is_in_use_is_left_alone(
    lock: str, kept: str, gone: str, said: str, e: engine.Engine
) -> None:
    home = e.settings.home
    for name in (kept, gone):
        _put(home, name, 900.0)
        os.utime((home / name).parent, (0, 0))
    with home_lock(e.settings, lock, Busy("it is held")):
        (reason,) = e.tidy(dry_run=True).skipped
        assert said in reason
        done = e.tidy()
    assert done.skipped == (reason,)
    assert ((home / kept).exists(), (home / gone).exists()) == (True, False)
    assert e.tidy().skipped == ()
    assert not (home / kept).exists()


def _age(registry: Registry, table: str, days: float, **columns: object) -> None:
    """Move the times of some rows into the past, as if they had been written then."""
    then = datetime.now(UTC) - timedelta(days=days)
    names = {"generations": ("changed_at",), "nights": ("started_at", "finished_at")}
    names |= {"runs": ("started_at", "finished_at")}
    sets = ", ".join(f"{name} = :then" for name in names[table])
    (key, value), *_ = columns.items()
    text = sqlalchemy.text(f"UPDATE {table} SET {sets} WHERE {key} = :value")
    with registry._engine.begin() as connection:
        connection.execute(text, {"then": then.replace(tzinfo=None), "value": value})


def _run(e: engine.Engine, registry: Registry, days: float, status: str = "finished") -> int:
    run = registry.start_run("als", {}, None, 1, "")
    for name in ("model.pt", "twin.pt"):
        path = _put(e.settings.home, f"checkpoints/{run}/{name}", days)
    registry.finish_run(run, status, {}, 1.0, str(path.with_name("model.pt")))
    return run


def test_checkpoints_go_with_their_generations_and_those_in_use_stay(
    e: engine.Engine, graph: GraphClient
) -> None:
    with open_registry(e.settings) as registry:
        runs = {}
        for number, (name, state, days) in enumerate(
            (
                ("long gone", "retired", 31.0),
                ("refused", "refused", 31.0),
                ("gone of late", "refused", 29.0),
                ("before the one before", "retired", 30.5),
                ("before", "retired", 30.4),
                ("waits", "ready", 400.0),
                ("in the graph", "retired", 500.0),
                ("serves", "serving", 400.0),
            ),
            start=1,
        ):
            runs[name] = _run(e, registry, 900.0)
            registry.add_generation(number, runs[name], "als", 8, {})
            registry.mark_generation(number, state)  # type: ignore[arg-type]
            _age(registry, "generations", days, number=number)
        for number in (7, 8):
            stored_generations.create_candidate(graph, number, {"model": "als"})
            stored_generations.complete(graph, number, {"plain": "popular", "run": number})
            stored_generations.promote(graph, number, MoveReason("publish", "who", "why"))
        runs["never published"] = _run(e, registry, 900.0)
        runs["failed"] = _run(e, registry, 900.0, "failed")
        runs["failed of late"] = _run(e, registry, 6.0, "failed")
        runs["newest"] = _run(e, registry, 900.0)
        runs["at work"] = registry.start_run("als", {}, None, 1, "")
        _put(e.settings.home, f"checkpoints/{runs['at work']}/warm.pt", 900.0)
    gone = {f"checkpoints/{runs[name]}" for name in ("long gone", "refused", "failed")}
    assert _subjects(e, dry_run=True) == gone
    assert _subjects(e, dry_run=False) == gone
    left = {path.name for path in (e.settings.home / "checkpoints").iterdir()}
    assert left == {str(run) for name, run in runs.items() if f"checkpoints/{run}" not in gone}
    assert _subjects(e, dry_run=False) == set()


def test_the_newest_run_stays_which_publish_would_take(e: engine.Engine) -> None:
    with open_registry(e.settings) as registry:
        older, newest = (_run(e, registry, 900.0) for _ in range(2))
        for number, run in ((1, older), (2, newest)):
            registry.add_generation(number, run, "als", 8, {})
            registry.mark_generation(number, "refused")
            _age(registry, "generations", 900.0, number=number)
    assert _subjects(e, dry_run=False) == {f"checkpoints/{older}"}


def test_a_graph_that_is_another_one_takes_no_checkpoint_along(e: engine.Engine) -> None:
    """The settings name a test server by mistake: its graph is empty."""
    with open_registry(e.settings) as registry:
        for number, state in ((1, "retired"), (2, "retired"), (3, "serving")):
            registry.add_generation(number, _run(e, registry, 900.0), "als", 8, {})
            registry.mark_generation(number, state)  # type: ignore[arg-type]
            _age(registry, "generations", 900.0, number=number)
    assert _subjects(e, dry_run=True) == set()


def test_what_a_night_needs_that_can_be_continued_stays(e: engine.Engine) -> None:
    home = e.settings.home
    state = _put(home, "checkpoints/unfinished/abc/state.pt", 20.0)
    with open_registry(e.settings) as registry:
        night = registry.nights.begin("x")
        run = _run(e, registry, 900.0)
        registry.add_generation(1, run, "als", 8, {})
        registry.mark_generation(1, "refused")
        registry.nights.record_step(night.id, "train als", {"run": run}, 1.0)
        registry.nights.finish(night.id, "interrupted", None)
        _age(registry, "generations", 900.0, number=1)
        _age(registry, "nights", 21.0, id=night.id)
        _run(e, registry, 900.0)
        assert _subjects(e, dry_run=False) == set()
        registry.nights.finish(night.id, "finished", "kept")
        registry.nights.finish(registry.nights.begin("x").id, "finished", "kept")
    assert _subjects(e, dry_run=False) == {f"checkpoints/{run}", "checkpoints/unfinished/abc"}
    assert not state.exists()


def test_nights_past_their_limit_are_forgotten_but_the_last_hundred(e: engine.Engine) -> None:
    home = e.settings.home
    with open_registry(e.settings) as registry:
        ids = []
        for _ in range(NIGHTS_KEPT + 3):
            night = registry.nights.begin("x")
            registry.nights.record_step(night.id, "look", {}, 1.0)
            registry.nights.finish(night.id, "finished", "kept")
            ids.append(night.id)
        for id in ids[:-1]:
            _age(registry, "nights", 364.0 if id == ids[1] else 366.0, id=id)
            _put(home, f"retrain/{id:06d}.json", 366.0)
    gone = {ids[0], ids[2]}
    subjects = {f"night {id}" for id in gone} | {f"retrain/{id:06d}.json" for id in gone}
    assert _subjects(e, dry_run=True) == subjects
    assert _subjects(e, dry_run=False) == subjects
    with open_registry(e.settings) as registry:
        assert {night.id for night in registry.nights.nights(1_000)} == set(ids) - gone


def test_old_generations_go_as_a_night_would_remove_them(
    e: engine.Engine, graph: GraphClient
) -> None:
    for number in (1, 2, 3):
        stored_generations.create_candidate(graph, number, {"model": "popular"})
        stored_generations.complete(graph, number, {"plain": "popular"})
        stored_generations.promote(graph, number, MoveReason("publish", "who", "why"))
    assert _subjects(e, dry_run=True) == {"generation 1"}
    assert len(stored_generations.generations(graph)) == 3
    assert _subjects(e, dry_run=False) == {"generation 1"}
    left = {one.number: one.serving for one in stored_generations.generations(graph)}
    assert left == {2: False, 3: True}
    assert _subjects(e, dry_run=False) == set()


def test_the_command_shows_and_does_it(
    e: engine.Engine, on_server: Neo4jTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert on_server.uri
    monkeypatch.setenv("ENGINE_HOME", str(e.settings.home))
    _put(e.settings.home, "quarantine/000001-a.jsonl", 900.0)
    shown = json.loads(invoked("tidy", "--dry-run", "--json").stdout)
    assert [one["subject"] for one in shown["removed"]] == ["quarantine/000001-a.jsonl"]
    assert (shown["dry_run"], shown["freed"]) == (True, 1_000)
    done = invoked("tidy")
    assert done.exit_code == 0
    assert "quarantine/000001-a.jsonl" in done.stdout
    assert "1 things" in done.stderr
    assert "0 things" in invoked("tidy").stderr


def test_a_home_that_is_not_there_is_not_made(e: engine.Engine, tmp_path: Path) -> None:
    settings = e.settings.model_copy(update={"home": tmp_path / "nowhere"})
    assert engine.Engine(settings, progress=False).tidy().removed == ()
    assert not (tmp_path / "nowhere").exists()


def _event(user: str, item: str, days: float | None, **more: str) -> dict[str, str]:
    """An event of so many days ago, as a row."""
    when = {} if days is None else {"timestamp": str(int(time.time() - days * _DAY))}
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
        assert _subjects(e, dry_run=True) == set(), "nothing goes while the setting is unset"
    monkeypatch.setenv("ENGINE_EVENT_DAYS", "30")
    with connected(neo4j_target, tmp_path / "kept") as e:
        assert _subjects(e, dry_run=True) == {"5 events of 3 users"}
        assert _subjects(e, dry_run=False) == {"5 events of 3 users"}
        left = run(
            "MATCH (u:User)-[r:INTERACTED]->(i) RETURN u.id + ' ' + i.id AS pair ORDER BY pair"
        )
        assert [row["pair"] for row in left] == ["ann cup", "ann tea", "bob tea"]
        nodes = run("MATCH (n:User|Item) RETURN n.id AS id ORDER BY id")
        assert [row["id"] for row in nodes] == ["ann", "bob", "cup", "tea"], (
            "nothing is known of eve"
        )
        assert run("MATCH ()-[r:CO_OCCURRED]->() RETURN count(*) AS n")[0]["n"] == 0
        assert _subjects(e, dry_run=False) == set()

        (report,) = e.ingest(pl.DataFrame(rows))
        assert (report.read, report.accepted, report.duplicate) == (8, 0, 3)
        assert (report.past_limit, report.quarantined) == (5, 0)
        assert not list((tmp_path / "kept" / "quarantine").glob("*.jsonl"))
        lines = "".join(json.dumps(one) + "\n" for one in (*old, _event("ann", "mug", 2)))
        followed = e.follow(pipe=io.BytesIO(lines.encode()))
        assert (followed.accepted, followed.past_limit, followed.duplicate) == (1, 3, 0)
    oldest = int((time.time() - 30 * _DAY) * 1_000)
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


def test_old_lists_go_and_what_they_came_to_is_kept_once(
    e: engine.Engine, graph: GraphClient
) -> None:
    now = int(time.time() * 1_000)
    days = {"a": 91, "b": 91, "c": 100, "d": 1}
    ids = {
        name: first_list_id(now - day * _DAY * 1_000 + n)
        for n, (name, day) in enumerate(days.items())
    }
    lists = [
        RememberedList(ids[name], list_time(ids[name]) or 0, "u", "for-you", None, 1, "{}",
                       ("tea", "mug"), ("again", "again"))
        for name in days
    ]  # fmt: skip
    bought = {"user_id": "u", "item_id": "tea", "event": "buy"}
    events = [bought | {"event_id": name, "list_id": id_} for name, id_ in ids.items()]
    events += [bought | {"event_id": "x", "list_id": ids["a"], "weight": "2.5"}]
    events += [bought | {"event_id": "y", "list_id": ids["a"], "user_id": "somebody else"}]
    assert write_posts(graph, [events], 1) == [IntakeResult(6, 0)]
    remembered_lists.write(graph, lists)
    remembered_lists.note_seen(graph, ids["c"], ["mug"])

    def told(days: float) -> dict[tuple[str, str], tuple[int, int, int, float]]:
        found = e.outcomes(by="all", events=["buy"], days=days, within_days=1_000)
        return {
            (group.group, group.kept): (group.lists, group.impressions, one.events, one.value)
            for group in found.groups
            for one in group.outcomes
        }

    before = told(200)
    assert before == {("all", "lists"): (4, 1, 5, 6.5)}
    (plan,) = e.tidy(dry_run=True).removed
    assert (plan.kind, plan.subject) == ("lists", "3 lists")
    assert [one.subject for one in e.tidy().removed] == ["3 lists"]
    assert e.tidy().removed == ()
    assert told(200) == {("all", "lists"): (1, 0, 1, 1.0), ("all", "sums"): (3, 1, 4, 5.5)}
    assert told(50) == {("all", "lists"): (1, 0, 1, 1.0)}
    by_day = e.outcomes(by="day", events=["buy"], days=200).to_dicts()
    assert [(row["lists"], row["events"], row["per_list"]) for row in by_day] == [
        (1, 1, 1.0),
        (2, 3, 1.5),
        (1, 1, 1.0),
    ]
    # An event that comes late names a list that is kept no more.
    assert e.outcomes(days=200).unattributed == {"expired": 5}
