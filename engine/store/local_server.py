"""The engine's own Neo4j: a real server, run as a child service on loopback.

One folder holds everything of it: ``data``, ``logs``, ``conf``, the password (mode 600) and
``server.json``, which names the running process. Two commands never start two servers: a file lock
covers every change of state.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import filelock
import psutil

from engine import private_files
from engine.data.progress_callbacks import CountProgress, no_count
from engine.errors import LocalServerError
from engine.store import artifacts, server_config, server_login, server_startup, staged_store
from engine.store.graph_client import Neo4jTarget
from engine.store.java import Java, find_java
from engine.store.server_startup import LogWatch
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

_USUAL_PORT = 7687
_STOP_SECONDS = 60.0
_LOCK_SECONDS = 300.0
_PORT_TRIES = 3
_IMPORT = ("database", "import", "full", "--id-type=string", "--bad-tolerance=0")
_UMASK = 0o077  # what Neo4j writes is for its owner only
_FOLDERS = ("data", "logs", "conf", "plugins", "import")
VERSIONS = f"neo4j {artifacts.NEO4J_VERSION}, gds {artifacts.GDS_VERSION}"


class LocalServer:
    """A Neo4j that lives in ``folder``.

    Args:
        folder: ``ENGINE_HOME/neo4j``; created when it is not there.
        start_seconds: How long a server that starts may write nothing to its logs.
    """

    def __init__(self, folder: Path, start_seconds: float = 120.0) -> None:
        self.folder = folder
        self._start_seconds = start_seconds
        self.password_file = folder / "password"
        self.log_file = folder / "logs" / "console.log"
        self._state_file = folder / "server.json"
        self._conf = folder / "conf"

    def start(self, advance: CountProgress = no_count) -> Neo4jTarget:
        """Start the server unless it runs, and return where it is.

        Raises:
            LocalServerError: It cannot be fetched or does not start; the end of its log is added.
            Busy: Another command holds the lock for minutes.
        """
        state = self.running()
        if state is None or not state.ready:
            with self._lock():
                state = self.running()
                if state is None:
                    state = self._start(advance)
                elif not state.ready:
                    # Whoever started it is gone: nobody starts a server without the lock.
                    state = self._await_ready(state, 0)
        if state.versions != VERSIONS:
            raise LocalServerError(
                f"the running server is {state.versions}, this engine needs {VERSIONS}",
                hint="restart it: engine db stop && engine db start",
            )
        return self.target(state)

    def stop(self) -> bool:
        """Stop the server; return whether one was running."""
        with self._lock():
            return self._stop()

    def reset(self) -> None:
        """Stop the server and delete its graph. The downloaded jars stay."""
        with self._lock():
            self._stop()
            for name in _FOLDERS:
                if (self.folder / name).exists():
                    shutil.rmtree(self.folder / name)
            for file in (self.password_file, server_login.pending_of(self.password_file)):
                file.unlink(missing_ok=True)

    def running(self) -> ServerState | None:
        """Return the live server, or None.

        One that was killed is not running; one that lives in another folder is not this one.
        """
        state = read_state(self._state_file)
        return state if state is not None and state.serves(self.folder) else None

    def target(self, state: ServerState) -> Neo4jTarget:
        """Return where a running server is and how to log in."""
        return server_login.target_of(state.uri, self.password_file)

    def import_graph(self, sources: Sequence[str], advance: CountProgress = no_count) -> None:
        """Stop the server and replace its graph by what the offline importer makes of CSV files.

        A server that ran is started again where it was, as there may be clients that wait for it.
        A command that is killed meanwhile leaves the old graph or the new one, never half of it.

        Args:
            sources: Arguments of ``neo4j-admin database import full`` that name nodes and
                relationships.
            advance: Told of the download that the very first start needs.

        Raises:
            LocalServerError: The importer failed; the old graph stays.
        """
        with self._lock():
            artifacts.fetch(artifacts.read_lock(), artifacts.cache_dir(), advance)
            before = self.running()
            self._stop()
            staged_store.replace_with_complete(self.folder)
            stage = staged_store.begin_staging(self.folder)
            report = f"--report-file={stage / 'report'}"
            # The name stands behind an option of one value: sources take all that follows.
            self.admin([*_IMPORT, *sources, report, "neo4j"], stage)
            staged_store.mark_complete(stage)
            staged_store.replace_with_complete(self.folder)
            if before is not None:
                self._start(advance, before.port)

    def holds_graph(self) -> bool:
        """Tell whether there is a graph, be it an empty one; False before the first start."""
        return staged_store.holds_graph(self.folder)

    def admin(self, arguments: Sequence[str], home: Path | None = None) -> str:
        """Run Neo4j's admin tool while the server is stopped, and return what it printed.

        Args:
            arguments: Of the tool.
            home: Folder of the graph to work on; the server's own when None.

        Raises:
            LocalServerError: It failed; the message has its last words.
        """
        lock = artifacts.read_lock()
        jars = artifacts.fetch(lock, artifacts.cache_dir())
        self._prepare(lock, jars, _USUAL_PORT)
        java, *flags = self._java_command(find_java(), jars)
        command = [java, *flags, "org.neo4j.cli.AdminTool", *arguments]
        places = {"NEO4J_HOME": str(home or self.folder), "NEO4J_CONF": str(self._conf)}
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env=_java_environment() | places,
            umask=_UMASK,
        )
        if done.returncode != 0:
            raise LocalServerError(f"neo4j-admin failed: {(done.stderr or done.stdout)[-1000:]}")
        return done.stdout

    def store_bytes(self) -> int:
        """Return the size of the graph on disk."""
        size = 0
        for path in (self.folder / "data").rglob("*"):
            with suppress(FileNotFoundError):  # a running server deletes files
                size += path.stat().st_size if path.is_file() else 0
        return size

    def _start(self, advance: CountProgress, wanted_port: int = _USUAL_PORT) -> ServerState:
        lock = artifacts.read_lock()
        jars = artifacts.fetch(lock, artifacts.cache_dir(), advance)
        java = find_java()
        self._stop()  # one that no file names would hold the store
        staged_store.replace_with_complete(self.folder)
        for _ in range(_PORT_TRIES):
            port = wanted_port if is_free(wanted_port) else any_free_port()
            self._prepare(lock, jars, port)
            try:
                return self._run(self._java_command(java, jars), port, java)
            except LocalServerError:
                if is_free(port):
                    raise
                # Another program took the port between our look and the server's.
        raise LocalServerError(
            "no free port was found for the local Neo4j: other programs took each one first"
        )

    def _run(self, java_command: Sequence[str], port: int, java: Java) -> ServerState:
        command = [
            *java_command,
            "org.neo4j.server.Neo4jCommunity",
            home_argument(self.folder),
            f"--config-dir={self._conf}",
        ]
        with open(self.log_file, "ab", opener=private_files.opener) as log:
            log_start = log.tell()
            # A session of its own: Ctrl-C in the command that started it must not stop the server.
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=_java_environment(),
                umask=_UMASK,
            )
        try:
            started = psutil.Process(process.pid).create_time()
            runs = (process.pid, started, port, VERSIONS, java.version)
            state = ServerState(*runs, ready=False, vector=java.vector)
            # Before it is ready: when this command is killed, the next one finds the server.
            write_state(self._state_file, state)
            ready = self._await_ready(state, log_start)
        except BaseException:
            process.kill()
            process.wait()
            self._state_file.unlink(missing_ok=True)
            raise
        process.returncode = 0  # it outlives this object on purpose: nothing to warn of
        return ready

    def _prepare(self, lock: artifacts.Lock, jars: Sequence[Path], port: int) -> None:
        for name in _FOLDERS:
            private_files.make_folder(self.folder / name)
        memory = server_config.memory_of_machine()
        private_files.write_text(self._conf / "neo4j.conf", server_config.neo4j_conf(port, memory))
        for old in (self.folder / "plugins").iterdir():
            old.unlink()
        for one, path in zip(lock.artifacts, jars, strict=True):
            # Neo4j only loads procedures of jars that lie in plugins/.
            if one.coordinate.startswith("org.neo4j.gds:"):
                (self.folder / "plugins" / path.name).symlink_to(path)

    def _java_command(self, java: Java, jars: Sequence[Path]) -> list[str]:
        heap = server_config.memory_of_machine().heap >> 20
        classes = os.pathsep.join(str(path) for path in jars)
        quoted = classes.replace("\\", "\\\\").replace('"', '\\"')
        private_files.write_text(self._conf / "classpath", f'-cp "{quoted}"')
        memory = (f"-Xmx{heap}m", "-Xms256m")
        return [*java.command, *memory, *server_config.JVM_FLAGS, f"@{self._conf / 'classpath'}"]

    def _await_ready(self, state: ServerState, log_start: int) -> ServerState:
        server_startup.await_ready(
            state,
            self.folder,
            self.password_file,
            (self.log_file, log_start),
            self._start_seconds,
        )
        ready = replace(state, ready=True)
        write_state(self._state_file, ready)
        return ready

    def _stop(self) -> bool:
        # Before it ends: whoever comes while it does, or after this command was killed, must not
        # take it for one that answers.
        self._state_file.unlink(missing_ok=True)
        found = list(servers_of(self.folder))
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        deaf = await_end(found, _STOP_SECONDS)
        for process in deaf:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        await_end(deaf, _STOP_SECONDS)
        return bool(found)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Be the only command that changes the server's state."""
        try:
            private_files.make_folder(self.folder)
            lock = filelock.FileLock(self.folder / "lock", mode=private_files.FILE_MODE)
            seconds = max(_LOCK_SECONDS, self._start_seconds)
            with server_startup.acquire(lock, LogWatch(self.log_file.parent, seconds)):
                yield
        except (OSError, psutil.Error) as error:
            raise LocalServerError(
                f"the folder of the local Neo4j cannot be used: {error}",
                hint="free space, correct its permissions, or choose another: engine --home DIR",
            ) from error


def _java_environment() -> dict[str, str]:
    """Return the environment of a Java that can open every path, whatever the user's locale."""
    return {**os.environ, "LC_ALL": "C.UTF-8"}
