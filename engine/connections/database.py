"""The engine's own Neo4j as a use case: start it when it is needed, tell how it is."""

from typing import Any

from engine.config import Settings
from engine.data.progress_callbacks import CountProgress, no_count
from engine.errors import ConfigError
from engine.store import lock_making
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.local_server import VERSIONS, LocalServer


def local_server(settings: Settings) -> LocalServer:
    """Return the local server of this ENGINE_HOME.

    Raises:
        ConfigError: A URI is set, so the engine runs no server of its own.
    """
    if settings.neo4j_uri is not None:
        raise ConfigError(
            f"a Neo4j at {settings.neo4j_uri} is configured, so the engine runs none of its own",
            hint="unset ENGINE_NEO4J_URI (and neo4j_uri in engine.toml) to use the local one",
        )
    return LocalServer(settings.home / "neo4j", settings.db_start_seconds)


def ensure_local(settings: Settings, advance: CountProgress = no_count) -> Neo4jTarget:
    """Start the local server unless it runs, and return where it is."""
    return local_server(settings).start(advance)


def must_start(settings: Settings) -> bool:
    """Tell whether the local server is needed and does not run."""
    return settings.neo4j_uri is None and local_server(settings).running() is None


def status(settings: Settings) -> dict[str, Any]:
    """Describe the local server without starting it; the password stays in its file."""
    server = local_server(settings)
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
