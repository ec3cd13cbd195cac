"""``engine tidy`` on files: what goes and what stays; it says so first, and it is done once."""

import json
import os
import time
from pathlib import Path

import pytest

import engine
from engine.connections.home import home_lock
from engine.connections.session import open_registry
from engine.errors import Busy
from engine.store.graph_client import Neo4jTarget

from ...terminal import invoked
from .conftest import DAY, put, subjects

_DEAD = 4_194_305  # above the highest number of a process


def _files(home: Path) -> set[str]:
    return {
        path.relative_to(home).as_posix()
        for path in home.rglob("*")
        if path.is_file()
        and not path.name.startswith(("home-id", "registry", "ingest.", "retrain.", "publish."))
    }


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
        put(home, name, days)
    for folder, days in (("compare/unfinished/one", 91.0), ("checkpoints/unfinished/abc", 8.0)):
        for path in (home / folder, *(home / folder).rglob("*")):
            os.utime(path, (time.time() - days * DAY,) * 2)
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
        put(home, name, 900.0)
    assert subjects(e, dry_run=False) == {"neo4j/logs/debug.log.01.zip"}


def test_the_quarantine_of_a_stream_that_is_followed_stays(e: engine.Engine) -> None:
    with open_registry(e.settings) as registry:
        number = registry.start_ingest("events.jsonl", "", "events")
        file = f"quarantine/{number:06d}-events.jsonl.jsonl"
        put(e.settings.home, file, 900.0)
        assert subjects(e, dry_run=False) == set()
        registry.finish_ingest(number, 0, 0, 1, "finished", {}, 1)
    assert subjects(e, dry_run=False) == {file}


def test_a_link_goes_and_not_what_it_leads_to(e: engine.Engine, tmp_path: Path) -> None:
    mine = put(tmp_path, "mine/precious.txt", 900.0)
    (e.settings.home / "bulk").mkdir()
    (e.settings.home / "bulk" / "a").symlink_to(mine.parent)
    assert subjects(e, dry_run=False) == {"bulk"}
    assert mine.exists()


def test_limits_are_settings(e: engine.Engine) -> None:
    kept = put(e.settings.home, "quarantine/000001-a.jsonl", 2.0)
    assert subjects(e, dry_run=False) == set()
    settings = e.settings.model_copy(update={"quarantine_days": 1.0})
    assert subjects(engine.Engine(settings, progress=False), dry_run=False) == {
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
        put(home, name, 900.0)
        os.utime((home / name).parent, (0, 0))
    with home_lock(e.settings, lock, Busy("it is held")):
        (reason,) = e.tidy(dry_run=True).skipped
        assert said in reason
        done = e.tidy()
    assert done.skipped == (reason,)
    assert ((home / kept).exists(), (home / gone).exists()) == (True, False)
    assert e.tidy().skipped == ()
    assert not (home / kept).exists()


def test_the_command_shows_and_does_it(
    e: engine.Engine, on_server: Neo4jTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert on_server.uri
    monkeypatch.setenv("ENGINE_HOME", str(e.settings.home))
    put(e.settings.home, "quarantine/000001-a.jsonl", 900.0)
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
