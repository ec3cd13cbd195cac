"""The engine's own Neo4j: start it when it is needed."""

from engine.config import Settings
from engine.data.progress_callbacks import CountProgress, no_count
from engine.errors import ConfigError
from engine.store.graph_client import Neo4jTarget
from engine.store.local_server import LocalServer


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
