"""The engine's own Neo4j: a real server, run as a child service on loopback.

One folder holds everything of it: ``data``, ``logs``, ``conf``, the password (mode 600) and
``server.json``, which names the running process. Two commands never start two servers: a file lock
covers every change of state. May import: ``artifacts``, ``graph_client``, ``java``,
``server_config``, ``errors``.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import filelock
import neo4j
import psutil
from neo4j import exceptions as driver_errors

from engine.errors import Busy, LocalServerError
from engine.store import artifacts, server_config
from engine.store.artifacts import Advance
from engine.store.graph_client import Neo4jTarget
from engine.store.java import find_java, java_version
from engine.store.statements import statement

_USUAL_PORT = 7687
_FIRST_PASSWORD = "neo4j"  # what every new Neo4j has, until it is changed before first use
_START_SECONDS = 120.0
_STOP_SECONDS = 60.0
_LOCK_SECONDS = 300.0
_POLL_SECONDS = 0.1
_SHORT_LIVED = ("-XX:TieredStopAtLevel=1",)
_VERSIONS = f"neo4j {artifacts.NEO4J_VERSION}, gds {artifacts.GDS_VERSION}"


@dataclass(frozen=True)
class ServerState:
    """The running server, as ``server.json`` has it; ``started`` tells a reused pid apart."""

    pid: int
    started: float
    port: int
    versions: str
    java: str


class LocalServer:
    """A Neo4j that lives in ``folder``.

    Args:
        folder: ``ENGINE_HOME/neo4j``; created when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.password_file = folder / "password"
        self.log_file = folder / "logs" / "console.log"
        self._state_file = folder / "server.json"
        self._conf = folder / "conf"

    def start(self, advance: Advance = lambda done, total: None) -> Neo4jTarget:
        """Start the server unless it runs, and return where it is.

        Raises:
            LocalServerError: It cannot be fetched or does not start; its last words are told.
            Busy: Another command holds the lock for minutes.
        """
        state = self.running()
        if state is None:
            with self._lock():
                state = self.running() or self._start(advance)
        if state.versions != _VERSIONS:
            raise LocalServerError(
                f"the running server is {state.versions}, this engine needs {_VERSIONS}",
                hint="restart it: engine db stop && engine db start",
            )
        return self._target(state)

    def stop(self) -> bool:
        """Stop the server; tell whether one was running."""
        with self._lock():
            return self._stop()

    def reset(self) -> None:
        """Stop the server and delete its graph. The downloaded jars stay."""
        with self._lock():
            self._stop()
            for name in ("data", "logs", "conf", "plugins", "import"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            self.password_file.unlink(missing_ok=True)

    def running(self) -> ServerState | None:
        """Return the live server, or None; a server killed with -9 counts as not running."""
        try:
            state = ServerState(**json.loads(self._state_file.read_text(encoding="utf-8")))
            process = psutil.Process(state.pid)
            alive = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
            same = abs(process.create_time() - state.started) < 1.0
        except (OSError, ValueError, TypeError, psutil.Error):
            return None
        return state if alive and same else None

    def admin(self, arguments: Sequence[str]) -> str:
        """Run Neo4j's admin tool while the server is stopped, and return what it printed.

        Raises:
            LocalServerError: It failed; the message has its last words.
        """
        jars = artifacts.fetch(artifacts.read_lock(), artifacts.cache_dir())
        java, *flags = self._java_command(jars)
        command = [java, *_SHORT_LIVED, *flags, "org.neo4j.cli.AdminTool", *arguments]
        environment = {**os.environ, "NEO4J_HOME": str(self.folder), "NEO4J_CONF": str(self._conf)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode != 0:
            raise LocalServerError(f"neo4j-admin failed: {(done.stderr or done.stdout)[-1000:]}")
        return done.stdout

    def store_bytes(self) -> int:
        """Return the size of the graph on disk."""
        data = self.folder / "data"
        return sum(path.stat().st_size for path in data.rglob("*") if path.is_file())

    def _start(self, advance: Advance) -> ServerState:
        lock = artifacts.read_lock()
        jars = artifacts.fetch(lock, artifacts.cache_dir(), advance)
        port = _free_port()
        self._prepare(lock, jars, port)
        command = [
            *self._java_command(jars),
            "org.neo4j.server.Neo4jCommunity",
            f"--home-dir={self.folder}",
            f"--config-dir={self._conf}",
        ]
        with self.log_file.open("ab") as log:
            # A session of its own: Ctrl-C in the command that started it must not stop the server.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        started = psutil.Process(process.pid).create_time()
        state = ServerState(process.pid, started, port, _VERSIONS, java_version(find_java()))
        try:
            self._await_ready(process, state)
        except BaseException:
            process.kill()
            process.wait()
            raise
        _write_private(self._state_file, json.dumps(asdict(state)))
        return state

    def _prepare(self, lock: artifacts.Lock, jars: Sequence[Path], port: int) -> None:
        for name in ("data", "logs", "conf", "plugins", "import"):
            (self.folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        memory = server_config.memory_of_machine()
        text = server_config.neo4j_conf(self.folder, port, memory)
        _write_private(self._conf / "neo4j.conf", text)
        for old in (self.folder / "plugins").iterdir():
            old.unlink()
        for one, path in zip(lock.artifacts, jars, strict=True):
            # Neo4j only loads procedures of jars that lie in plugins/.
            if one.coordinate.startswith("org.neo4j.gds:"):
                (self.folder / "plugins" / path.name).symlink_to(path)

    def _java_command(self, jars: Sequence[Path]) -> list[str]:
        heap = server_config.memory_of_machine().heap >> 20
        classes = os.pathsep.join(str(path) for path in jars)
        _write_private(self._conf / "classpath", f'-cp "{classes}"')
        memory = (f"-Xmx{heap}m", "-Xms256m")
        return [str(find_java()), *memory, *server_config.JVM_FLAGS, f"@{self._conf / 'classpath'}"]

    def _await_ready(self, process: subprocess.Popen[bytes], state: ServerState) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise self._failure(f"the local Neo4j stopped with code {process.returncode}")
            if self._answers(state):
                return
            time.sleep(_POLL_SECONDS)
        raise self._failure(f"the local Neo4j did not answer within {_START_SECONDS:.0f} s")

    def _answers(self, state: ServerState) -> bool:
        """Tell whether the server can be logged in to; sets the password of a new one."""
        new = not self.password_file.exists()
        target = self._first_target(state) if new else self._target(state)
        auth = (target.user, target.password)
        try:
            with neo4j.GraphDatabase.driver(target.uri, auth=auth) as driver:
                if new:
                    self._choose_password(driver)
                else:
                    driver.verify_connectivity()
        except driver_errors.AuthError as error:
            raise LocalServerError(
                "the local Neo4j refuses the password in its own folder",
                hint="put the password file back, or delete the graph: engine db reset",
            ) from error
        except (driver_errors.DriverError, driver_errors.Neo4jError):
            return False
        return not new

    def _choose_password(self, driver: neo4j.Driver) -> None:
        # Over Bolt rather than the admin tool: an argument would stand in the process list.
        password = secrets.token_urlsafe(24)
        query = statement("server/set_password", cypher25=False).query()
        with driver.session(database="system") as session:
            session.run(query, old=_FIRST_PASSWORD, new=password).consume()
        _write_private(self.password_file, password)

    def _failure(self, message: str) -> LocalServerError:
        words = self.log_file.read_text(encoding="utf-8", errors="replace")[-1500:]
        return LocalServerError(f"{message}:\n{words}", hint="read the whole log: engine db logs")

    def _stop(self) -> bool:
        state = self.running()
        if state is not None:
            process = psutil.Process(state.pid)
            with suppress(psutil.NoSuchProcess):
                process.terminate()
                try:
                    process.wait(_STOP_SECONDS)
                except psutil.TimeoutExpired:
                    process.kill()
                    process.wait(_STOP_SECONDS)
        self._state_file.unlink(missing_ok=True)
        return state is not None

    def _target(self, state: ServerState) -> Neo4jTarget:
        password = self.password_file.read_text(encoding="utf-8")
        return Neo4jTarget(f"bolt://127.0.0.1:{state.port}", "neo4j", password, "neo4j")

    def _first_target(self, state: ServerState) -> Neo4jTarget:
        return Neo4jTarget(f"bolt://127.0.0.1:{state.port}", "neo4j", _FIRST_PASSWORD, "neo4j")

    def _lock(self) -> filelock.BaseFileLock:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = filelock.FileLock(self.folder / "lock", timeout=_LOCK_SECONDS)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise Busy(
                "another command is starting or stopping the local Neo4j",
                hint="wait for it, then try again; engine db status tells",
            ) from error
        return lock


def _free_port() -> int:
    for wanted in (_USUAL_PORT, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", wanted))
            port: int = probe.getsockname()[1]
            return port
    raise LocalServerError("no port is free on loopback")


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, all of it or nothing."""
    partial = path.with_name(path.name + ".partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    partial.replace(path)
