"""A state file is believed only while the very process it names still runs."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engine.store.server_state import (
    ServerState,
    any_free_port,
    await_end,
    home_argument,
    is_free,
    read_state,
    servers_of,
    write_state,
)


@pytest.fixture
def mine() -> ServerState:
    """The test's own process as if it were a server."""
    started = psutil.Process().create_time()
    return ServerState(os.getpid(), started, 7687, "neo4j x, gds y", "java", ready=True)


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    """A process that lives until its input ends."""
    command = [sys.executable, "-c", "input()", home_argument(HOME)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_it_is_read_as_it_was_written(mine: ServerState, tmp_path: Path) -> None:
    path = tmp_path / "server.json"
    assert read_state(path) is None
    write_state(path, mine)
    assert read_state(path) == mine
    assert mine.uri == "bolt://127.0.0.1:7687"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"pid": 1}', "\x00\xff"])
def test_a_file_that_makes_no_sense_names_no_server(tmp_path: Path, text: str) -> None:
    path = tmp_path / "server.json"
    path.write_text(text, encoding="latin-1")
    assert read_state(path) is None


HOME = Path("/some folder/ä")


def test_a_server_belongs_to_the_home_of_its_command_line(
    child: subprocess.Popen[str], mine: ServerState, tmp_path: Path
) -> None:
    state = replace(mine, pid=child.pid, started=psutil.Process(child.pid).create_time())
    assert state.serves(HOME)
    assert not replace(state, started=state.started - 60).serves(HOME)  # a number used again
    assert not state.serves(tmp_path)  # a copy of the folder has the same state file
    (tmp_path / "link").symlink_to(HOME)
    assert state.serves(tmp_path / "link")
    assert not mine.serves(HOME)


def test_a_killed_process_is_dead_whether_or_not_its_parent_asks(
    mine: ServerState, child: subprocess.Popen[str]
) -> None:
    state = replace(mine, pid=child.pid, started=psutil.Process(child.pid).create_time())
    assert state.serves(HOME)
    process = psutil.Process(child.pid)
    assert await_end([process], 0.0) == [process]
    child.kill()
    assert await_end([process], 60.0) == []
    if hasattr(os, "waitid"):
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not state.serves(HOME)  # a zombie
    child.wait()
    assert not state.serves(HOME)


def test_a_server_is_found_by_its_home(child: subprocess.Popen[str]) -> None:
    assert [one.pid for one in servers_of(HOME)] == [child.pid]
    assert list(servers_of(Path("/some folder"))) == []


def test_it_is_told_who_has_a_port(mine: ServerState, child: subprocess.Popen[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert not replace(mine, port=port).listens()
        taken.listen()
        assert not is_free(port)
        assert replace(mine, port=port).listens()
        assert not replace(mine, pid=child.pid, port=port).listens()
    assert is_free(any_free_port())
