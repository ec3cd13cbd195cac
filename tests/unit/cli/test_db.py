"""``engine db`` where no server was ever started, and where another one is configured."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result

from engine.cli import cli
from engine.config import load
from engine.errors import ConfigError
from engine.store.server_state import ServerState, write_state
from engine.usecases import local_database

from .refusal import refused


def _db(home: Path, *arguments: str) -> Result:
    done = CliRunner().invoke(cli, ["--home", str(home), "db", *arguments])
    assert done.exit_code == 0, done.output
    return done


def test_a_server_that_was_never_started_is_described(tmp_path: Path) -> None:
    described = json.loads(_db(tmp_path, "status", "--json").stdout)
    assert (described["running"], described["ready"], described["pid"]) == (False, False, None)
    assert described["home"].startswith(str(tmp_path))
    assert "running" in _db(tmp_path, "status").stdout


def test_a_server_that_was_never_started_has_no_log_and_cannot_be_stopped(tmp_path: Path) -> None:
    assert "engine db start" in _db(tmp_path, "logs").stderr
    assert "was not running" in _db(tmp_path, "stop").stderr


def test_the_last_lines_of_the_log_are_printed(tmp_path: Path) -> None:
    log = Path(json.loads(_db(tmp_path, "status", "--json").stdout)["log_file"])
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("one\ntwo\nthree\x1b[31m\n", encoding="utf-8")
    assert _db(tmp_path, "logs", "--lines", "2").stdout == "two\nthree\\x1b[31m\n"


@pytest.mark.parametrize("command", [["status"], ["logs"], ["stop"], ["reset", "--yes"], ["start"]])
def test_with_another_server_there_is_none_of_its_own(command: list[str]) -> None:
    error = refused("db", *command)
    assert isinstance(error, ConfigError)
    assert "ENGINE_NEO4J_URI" in (error.hint or "")


def test_a_graph_is_not_deleted_without_being_asked(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["--home", str(tmp_path), "db", "reset"], input="n\n")
    assert done.exit_code == 1
    assert "is deleted" not in done.output


def test_what_the_java_of_the_running_server_lacks_is_said(
    tmp_path: Path,
) -> None:
    """A process that looks as a server does; what it writes stands in its state file."""
    folder = tmp_path / "neo4j"
    folder.mkdir()
    program = [sys.executable, "-c", "input()", f"--home-dir={folder}"]
    with subprocess.Popen(program, stdin=subprocess.PIPE) as process:
        started = psutil.Process(process.pid).create_time()
        state = ServerState(process.pid, started, 7687, "", 'openjdk version "25.0.2"', ready=False)
        for vector in (False, True):
            write_state(folder / "server.json", replace(state, vector=vector))
            settings = load(home=tmp_path)
            said = local_database.lacks(settings)
            assert (said is None) is vector
            described = json.loads(_db(tmp_path, "status", "--json").stdout)
            assert described["java_vector"] is vector
            assert said is None or ("jdk.incubator.vector" in said and "JAVA_HOME" in said)
        process.communicate(b"\n")
    assert local_database.lacks(settings) is None
