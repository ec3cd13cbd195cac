"""The engine's own Neo4j: start and stop it, see how it is, read its log, delete its graph."""

from typing import Any

from engine.config import Settings
from engine.connections import database
from engine.connections.database import ensure_local, must_start
from engine.connections.session import graph_was_replaced
from engine.data.progress_callbacks import CountProgress, no_count
from engine.store import lock_making
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.java import VECTOR_MODULE
from engine.store.local_server import VERSIONS

__all__ = [
    "Neo4jTarget",
    "database_status",
    "ensure_local",
    "lacks",
    "log_lines",
    "make_lock",
    "must_start",
    "reset",
    "stop",
]


def stop(settings: Settings) -> bool:
    """Stop the server and tell whether it ran; the graph stays on disk.

    Raises:
        ConfigError: A URI is set, so the engine runs no server of its own.
    """
    return database.local_server(settings).stop()


def reset(settings: Settings) -> None:
    """Stop the server and delete its graph.

    Raises:
        ConfigError: A URI is set, so the engine runs no server of its own.
    """
    database.local_server(settings).reset()
    graph_was_replaced()


def lacks(settings: Settings) -> str | None:
    """Return what the Java of the running server lacks, in words; None where it lacks nothing.

    Raises:
        ConfigError: A URI is set, so the engine runs no server of its own.
    """
    state = database.local_server(settings).running()
    if state is None or state.vector:
        return None
    return (
        f"It runs on {state.java}, without the module {VECTOR_MODULE}: vector indexes are built "
        "and searched without the processor's vector instructions. A full JDK 21 to 25 has it: "
        "JAVA_HOME=FOLDER engine db start"
    )


def log_lines(settings: Settings, count: int) -> list[str] | None:
    """Return the last lines of the server's log; None where it was never started.

    Raises:
        ConfigError: A URI is set, so the engine runs no server of its own.
    """
    path = database.local_server(settings).log_file
    if not path.exists():
        return None
    return path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]


def database_status(settings: Settings) -> dict[str, Any]:
    """Describe the local server without starting it; the password stays in its file."""
    server = database.local_server(settings)
    state = server.running()
    described: dict[str, Any] = {
        "running": state is not None,
        "ready": state is not None and state.ready,
        "uri": state and state.uri,
        "user": "neo4j",
        "password_file": str(server.password_file),
        "pid": state and state.pid,
        "server_version": None,
        "gds_version": None,
        "java_version": state and state.java,
        "java_vector": state and state.vector,
        "matches_lock": state and state.versions == VERSIONS,
        "store_bytes": server.store_bytes(),
        "home": str(server.folder),
        "log_file": str(server.log_file),
    }
    if state is not None and state.ready:
        with GraphClient(server.target(state)) as client:
            described |= {
                "server_version": client.server.version,
                "gds_version": client.server.gds,
            }
    return described


def make_lock(advance: CountProgress = no_count) -> int:
    """Resolve the server's jars anew, write the lock, and return how many it names."""
    return len(lock_making.make_lock(advance).artifacts)
