"""What ``server.json`` says about the running local server, and whether it is still true."""

import json
import os
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from engine import private_files

# Two ways to ask for a start time may differ by a clock tick.
_SAME_START_SECONDS = 1.0
_POLL_SECONDS = 0.05
_HOME_OPTION = "--home-dir="


@dataclass(frozen=True)
class ServerState:
    """A server process.

    Attributes:
        pid: Its number.
        started: When it started, epoch seconds: numbers are used again.
        port: Where it speaks Bolt, on loopback.
        versions: What it was started from.
        java: Version line of the Java it runs on.
        ready: Whether it has answered a login; False while it starts.
        vector: Whether that Java has the module by which Lucene compares vectors with the
            processor's vector instructions.
    """

    pid: int
    started: float
    port: int
    versions: str
    java: str
    ready: bool
    vector: bool = False

    @property
    def uri(self) -> str:
        """Where a driver finds it."""
        return f"bolt://127.0.0.1:{self.port}"

    def serves(self, folder: Path) -> bool:
        """Tell whether this very process still runs, as the server that lives in ``folder``.

        A copy of a folder has the state file of the original, which names the original's server.
        """
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < _SAME_START_SECONDS
            return same and _lives_in(process, folder)
        except psutil.Error:
            return False

    def listens(self) -> bool:
        """Tell whether it is this process, not another one, that has the port."""
        try:
            connections = psutil.Process(self.pid).net_connections(kind="tcp")
        except psutil.AccessDenied:
            return True  # cannot be known; a login will show it
        except psutil.Error:
            return False
        return any(
            one.status == psutil.CONN_LISTEN and one.laddr.port == self.port for one in connections
        )


def read_state(path: Path) -> ServerState | None:
    """Return what the file says, or None when there is none or it makes no sense."""
    try:
        return ServerState(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_state(path: Path, state: ServerState) -> None:
    """Write the file, all of it or nothing."""
    private_files.write_text(path, json.dumps(asdict(state)))


def servers_of(folder: Path) -> Iterator[psutil.Process]:
    """Yield every process that runs a server in ``folder``, whether a file names it or not."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if _lives_in(process, folder):
                yield process


def _lives_in(process: psutil.Process, folder: Path) -> bool:
    homes = [one.partition("=")[2] for one in process.cmdline() if one.startswith(_HOME_OPTION)]
    # Whoever came by a symbolic link means the same folder.
    same = any(os.path.realpath(home) == os.path.realpath(folder) for home in homes)
    return same and process.status() != psutil.STATUS_ZOMBIE


def await_end(processes: Iterable[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until they have ended, and return those that have not by then.

    A zombie has ended: its parent may be a program that never asks after it.
    """
    deadline = time.monotonic() + seconds
    left = list(processes)
    while left := [one for one in left if not _has_ended(one)]:
        if time.monotonic() > deadline:
            break
        time.sleep(_POLL_SECONDS)
    return left


def _has_ended(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def home_argument(folder: Path) -> str:
    """Return the argument that gives a server its home, and identifies it as this home's."""
    return f"{_HOME_OPTION}{folder}"


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port of loopback."""
    with socket.socket() as probe:
        if os.name == "posix":
            # As Java does: connections of a server that stopped a moment ago are no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except OSError:
            return False
    return True


def any_free_port() -> int:
    """Return a port of loopback that the system picks."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
