"""The engine's own Neo4j keeps its promises, whatever server the other tests run on.

Every command is a process of its own, as a user runs it, with a home whose name is long and has
spaces and letters beyond ASCII.
"""

import ipaddress
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import neo4j
import psutil
import pytest
from neo4j import exceptions as driver_errors

from engine.errors import LocalServerError
from engine.store import artifacts
from engine.store.server_login import pending_of
from engine.store.server_state import ServerState, await_end, read_state, servers_of, write_state

_USUAL_PORT = 7687
_PORTS_TAKEN: set[int] = set()
"""By this module, before the server starts."""

_KEYS = {
    "running",
    "ready",
    "uri",
    "user",
    "password_file",
    "pid",
    "server_version",
    "gds_version",
    "java_version",
    "java_vector",
    "matches_lock",
    "store_bytes",
    "home",
    "log_file",
}
# Not inherited: a shell that runs the tests in the background has its children ignore Ctrl-C.
_INTERRUPTIBLE = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from engine.cli import main; main()"
)
_UNROUTABLE = dict.fromkeys(
    ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9"
) | {"NO_PROXY": "", "no_proxy": ""}


@dataclass(frozen=True)
class Home:
    """An ENGINE_HOME, and the command line in it."""

    path: Path

    @property
    def folder(self) -> Path:
        return self.path / "neo4j"

    @property
    def state_file(self) -> Path:
        return self.folder / "server.json"

    @property
    def password_file(self) -> Path:
        return self.folder / "password"

    @property
    def password(self) -> str:
        return self.password_file.read_text(encoding="utf-8")

    @property
    def state(self) -> ServerState:
        state = read_state(self.state_file)
        assert state is not None
        return state

    def begin(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("ENGINE_") or name == "ENGINE_CACHE"
        }
        return subprocess.Popen(
            [sys.executable, "-c", _INTERRUPTIBLE, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=self.path,
            env=inherited | {"ENGINE_HOME": str(self.path)} | environment,
        )

    def run(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        """Run a command to its end and return what it printed on stdout and stderr."""
        return _ended(self.begin(*arguments), code)

    def status(self) -> dict[str, Any]:
        described: dict[str, Any] = json.loads(self.run("db", "status", "--json")[0])
        return described

    def driver(self, password: str | None = None) -> neo4j.Driver:
        auth = ("neo4j", self.password if password is None else password)
        return neo4j.GraphDatabase.driver(self.state.uri, auth=auth)

    def ask(self, query: str) -> list[list[Any]]:
        with self.driver() as driver:
            return [record.values() for record in driver.execute_query(query).records]


def _ended(process: subprocess.Popen[str], code: int = 0) -> tuple[str, str]:
    out, err = process.communicate()
    assert process.returncode == code, err
    assert "Traceback" not in err
    return out, err


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A server that two commands started at once, while another program had the usual port."""
    path = tmp_path_factory.mktemp("server") / ("a long name " * 10).strip() / "Größe 数据"
    path.mkdir(parents=True)
    home = Home(path)
    with closing(socket.socket()) as taken:
        # Connections of a server that has just ended there do not count.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", _USUAL_PORT))
            taken.listen()
            _PORTS_TAKEN.add(_USUAL_PORT)
        except OSError:
            pass  # another program has it, for as long as that may be
        both = [home.begin("db", "start"), home.begin("db", "start")]
        for process in both:
            _ended(process)
        try:
            yield home
        finally:
            home.run("db", "stop")
            assert list(servers_of(home.folder)) == []


@pytest.fixture
def running(started: Home) -> Home:
    """The server, started again where a test before has stopped it."""
    started.run("db", "start")
    return started


def test_two_commands_at_once_start_one_server(running: Home) -> None:
    assert [one.pid for one in servers_of(running.folder)] == [running.state.pid]


def test_a_taken_port_is_left_to_its_owner(running: Home) -> None:
    if _PORTS_TAKEN:
        assert running.state.port not in _PORTS_TAKEN
    assert running.state.uri.endswith(f":{running.state.port}")


def test_it_listens_on_loopback_only(running: Home) -> None:
    connections = psutil.Process(running.state.pid).net_connections(kind="inet")
    listening = [one.laddr for one in connections if one.status == psutil.CONN_LISTEN]
    assert [one.port for one in listening] == [running.state.port]
    for one in listening:
        address = ipaddress.ip_address(one.ip)
        mapped = getattr(address, "ipv4_mapped", None)
        assert (mapped or address).is_loopback


def test_only_the_owner_may_read_the_password_and_a_wrong_one_is_refused(running: Home) -> None:
    assert stat.S_IMODE(running.password_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(running.folder.stat().st_mode) == 0o700
    for wrong in ("neo4j", "", running.password + "x"):
        with running.driver(wrong) as driver, pytest.raises(driver_errors.ClientError):
            driver.verify_connectivity()


def test_the_password_is_shown_nowhere(running: Home) -> None:
    password = running.password
    shown = [
        text
        for arguments in (
            ("db", "start"),
            ("db", "status"),
            ("db", "status", "--json"),
            ("db", "logs", "--lines", "100000"),
            ("--log-level", "DEBUG", "db", "status"),
        )
        for text in running.run(*arguments)
    ]
    shown += psutil.Process(running.state.pid).cmdline()
    shown += [
        path.read_text(encoding="utf-8", errors="replace")
        for folder in ("logs", "conf")
        for path in (running.folder / folder).iterdir()
    ]
    shown.append(running.state_file.read_text(encoding="utf-8"))
    assert not [text for text in shown if password in text]


def test_status_tells_everything_a_program_needs(running: Home) -> None:
    described = running.status()
    assert set(described) == _KEYS
    assert described["running"] is described["ready"] is described["matches_lock"] is True
    assert described["uri"] == running.state.uri
    assert described["user"] == "neo4j"
    assert described["password_file"] == str(running.password_file)
    assert described["pid"] == running.state.pid
    assert described["server_version"] == "2026.08.1"
    assert described["gds_version"] == "2.26.0"
    assert "version" in described["java_version"]
    assert described["store_bytes"] > 0
    assert Path(described["home"]) == running.folder


def test_graph_data_science_runs(running: Home) -> None:
    assert running.ask("RETURN gds.version()") == [["2.26.0"]]
    running.ask("CREATE (:Page {name: 'a'})-[:LINKS]->(:Page {name: 'b'})")
    running.ask("MATCH (a:Page)-[:LINKS]->(b:Page) RETURN gds.graph.project('pages', a, b)")
    ranked = running.ask(
        "CALL gds.pageRank.stream('pages') YIELD nodeId, score "
        "RETURN gds.util.asNode(nodeId).name ORDER BY score DESC"
    )
    assert ranked == [["b"], ["a"]]
    running.ask("CALL gds.graph.drop('pages') YIELD graphName RETURN graphName")


def test_it_reports_no_usage_and_ends_runaway_transactions(running: Home) -> None:
    names = ["dbms.usage_report.enabled", "db.transaction.timeout", "db.memory.transaction.max"]
    told = dict(running.ask(f"SHOW SETTINGS {names!r} YIELD name, value RETURN name, value"))
    assert told["dbms.usage_report.enabled"] == "false"
    assert told["db.transaction.timeout"] == "30m"
    assert told["db.memory.transaction.max"] not in ("0B", "")


def test_a_killed_server_is_restarted_without_a_network_and_keeps_its_graph(
    running: Home,
) -> None:
    running.ask("CREATE (:Kept {text: 'größer'})")
    before = running.state
    server = psutil.Process(before.pid)
    server.kill()
    assert await_end([server], 60.0) == []
    assert running.status()["running"] is False
    _ended(running.begin("db", "start", **_UNROUTABLE))
    assert running.state.pid != before.pid
    assert running.ask("MATCH (k:Kept) RETURN k.text") == [["größer"]]


def test_a_server_whose_starter_was_killed_is_taken_over(running: Home) -> None:
    before = running.state
    write_state(running.state_file, replace(before, ready=False))
    running.password_file.replace(pending_of(running.password_file))
    assert running.status()["ready"] is False
    running.run("db", "start")
    assert running.state == before
    assert not pending_of(running.password_file).exists()
    assert running.ask("RETURN 1") == [[1]]


def test_a_server_that_no_file_names_does_not_hold_the_store(running: Home) -> None:
    before = running.state
    running.state_file.unlink()
    running.run("db", "start")
    assert running.state.pid != before.pid
    assert [one.pid for one in servers_of(running.folder)] == [running.state.pid]


def test_other_versions_are_refused_with_the_command_that_mends_it(running: Home) -> None:
    before = running.state
    write_state(running.state_file, replace(before, versions="neo4j 2025.01.0, gds 2.13.0"))
    try:
        _, err = running.run("db", "start", code=5)
        assert "neo4j 2025.01.0" in err
        assert "engine db stop && engine db start" in err
        assert running.status()["matches_lock"] is False
    finally:
        write_state(running.state_file, before)


def test_another_password_in_the_folder_is_told(running: Home) -> None:
    before, password = running.state, running.password
    write_state(running.state_file, replace(before, ready=False))
    running.password_file.write_text("not the one", encoding="utf-8")
    try:
        _, err = running.run("db", "start", code=5)
        assert "refuses the password" in err
        assert "engine db reset" in err
    finally:
        running.password_file.write_text(password, encoding="utf-8")
        write_state(running.state_file, before)


def test_before_the_first_start_every_command_answers(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.status()["running"] is False
    assert "engine db start" in home.run("db", "logs")[1]
    assert "was not running" in home.run("db", "stop")[1]
    assert "deleted" in home.run("db", "reset", "--yes")[1]


def test_ctrl_c_while_it_starts_leaves_no_server(tmp_path: Path) -> None:
    home = Home(tmp_path)
    starting = home.begin("db", "start")
    while not home.state_file.exists():
        with pytest.raises(subprocess.TimeoutExpired):
            starting.wait(0.05)  # it must not end before it has a server
    starting.send_signal(signal.SIGINT)
    _, err = _ended(starting, 130)
    assert "Interrupted" in err
    assert list(servers_of(home.folder)) == []
    assert home.status()["running"] is False


def test_ctrl_c_while_it_downloads_leaves_whole_jars_only(tmp_path: Path) -> None:
    home, cache = Home(tmp_path), tmp_path / "cache"
    downloading = home.begin("db", "start", ENGINE_CACHE=str(cache))
    while not any(cache.glob("jars/*.jar")):
        with pytest.raises(subprocess.TimeoutExpired):
            downloading.wait(0.05)
    downloading.send_signal(signal.SIGINT)
    _, err = _ended(downloading, 130)
    assert "Interrupted" in err
    assert not (cache / "partial").exists()
    whole = {one.sha256 for one in artifacts.read_lock().artifacts}
    assert {artifacts.sha256_of(path) for path in cache.glob("jars/*")} <= whole


def test_only_the_locked_jar_is_taken_from_the_network(tmp_path: Path) -> None:
    lock = artifacts.read_lock()
    smallest = min(lock.artifacts, key=lambda one: one.size)
    (path,) = artifacts.fetch(replace(lock, artifacts=(smallest,)), tmp_path)
    damaged = path.read_bytes()[::-1]
    path.write_bytes(damaged)
    said: list[tuple[int, int]] = []
    artifacts.fetch(replace(lock, artifacts=(smallest,)), tmp_path, lambda *told: said.append(told))
    assert artifacts.sha256_of(path) == smallest.sha256
    assert said == [(smallest.size, smallest.size)]
    tampered = replace(smallest, sha256="0" * 64)
    with pytest.raises(LocalServerError, match="SHA-256 is not the one in the lock"):
        artifacts.fetch(replace(lock, artifacts=(tampered,)), tmp_path)


def test_a_copied_home_has_no_server_and_leaves_that_of_the_original_alone(
    running: Home, tmp_path: Path
) -> None:
    before = running.state
    # Not the graph: the files of a running store are no backup.
    shutil.copytree(
        running.folder, tmp_path / "neo4j", symlinks=True, ignore=shutil.ignore_patterns("data")
    )
    copy = Home(tmp_path)
    assert copy.state == before
    described = copy.status()
    assert (described["running"], described["pid"], described["uri"]) == (False, None, None)
    assert "was not running" in copy.run("db", "stop")[1]
    assert "deleted" in copy.run("db", "reset", "--yes")[1]
    assert running.state == before
    assert before.serves(running.folder)
    assert running.ask("RETURN 1") == [[1]]


def test_reset_stops_the_server_and_deletes_its_graph(running: Home) -> None:
    before = running.state
    running.run("db", "reset", "--yes")
    assert not before.serves(running.folder)
    assert sorted(path.name for path in running.folder.iterdir() if path.name != "lock") == ["run"]
    assert "engine db start" in running.run("db", "logs")[1]
    shutil.rmtree(running.folder)
