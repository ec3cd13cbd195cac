"""A server that starts is waited for while it lives and writes to its logs, and no longer."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import filelock
import psutil
import pytest

from engine.errors import Busy, LocalServerError
from engine.store.server_startup import LogWatch, acquire, await_ready
from engine.store.server_state import ServerState, any_free_port, home_argument


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "console.log").write_text("of a start before\n", encoding="utf-8")
    return tmp_path / "logs"


@pytest.fixture
def child(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that lives until its input ends, and never listens."""
    command = [sys.executable, "-c", "input()", home_argument(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def _state(process: subprocess.Popen[str]) -> ServerState:
    started = psutil.Process(process.pid).create_time()
    return ServerState(process.pid, started, any_free_port(), "", "", ready=False)


def test_logs_that_grow_are_waited_for_however_long_it_takes(logs: Path) -> None:
    clock = Clock()
    watch = LogWatch(logs, 10.0, clock)
    for name in ("console.log", "debug.log", "neo4j.log"):
        for _ in range(5):
            clock.now += 9.0
            with (logs / name).open("a", encoding="utf-8") as log:
                log.write("recovered another part\n")
            assert not watch.is_silent()
    clock.now += 9.9
    assert not watch.is_silent()
    clock.now += 0.2
    assert watch.is_silent()


def test_logs_that_are_not_there_yet_are_silent(tmp_path: Path) -> None:
    clock = Clock()
    watch = LogWatch(tmp_path / "logs", 10.0, clock)
    clock.now = 10.0
    assert watch.is_silent()


def test_a_silent_server_is_given_up_with_its_last_words(
    child: subprocess.Popen[str], logs: Path
) -> None:
    console = logs / "console.log"
    start = console.stat().st_size
    console.write_text(console.read_text(encoding="utf-8") + "still thinking", encoding="utf-8")
    with pytest.raises(LocalServerError, match=r"nothing to its logs for 0\.2 s") as caught:
        await_ready(_state(child), logs.parent, logs.parent / "password", (console, start), 0.2)
    assert caught.value.message.endswith(":\nstill thinking")
    assert "ENGINE_DB_START_SECONDS" in caught.value.hint


def test_a_server_that_ends_is_told_at_once(child: subprocess.Popen[str], logs: Path) -> None:
    state = _state(child)
    child.kill()
    child.wait()
    with pytest.raises(LocalServerError, match="stopped while it was starting"):
        await_ready(
            state, logs.parent, logs.parent / "password", (logs / "console.log", 0), 86_400.0
        )


def test_the_lock_is_waited_for_while_the_logs_grow(tmp_path: Path, logs: Path) -> None:
    clock = Clock()
    mine, other = (filelock.FileLock(tmp_path / "lock", is_singleton=False) for _ in range(2))
    with other:
        watch = LogWatch(logs, 10.0, clock)
        clock.now = 10.0
        with pytest.raises(Busy, match="starting or stopping"):
            acquire(mine, watch, look_seconds=0.0)
    with acquire(mine, LogWatch(logs, 10.0, clock), look_seconds=0.0):
        assert mine.is_locked
