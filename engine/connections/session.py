"""Open the two stores a use case works on: the graph and the registry.

With no URI set, the graph is the engine's own local Neo4j, started when it is not running.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.config import Settings
from engine.connections import database
from engine.connections.database import no_progress
from engine.store import graph_schema
from engine.store.artifacts import DownloadProgress
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.registry import Registry
from engine.store.registry_schema import open_registry_engine

_MIGRATION_WAIT_SECONDS = 60.0


def target_of(settings: Settings, fetched: DownloadProgress = no_progress) -> Neo4jTarget:
    """Return the server to use; starts the local one when no URI is set.

    Args:
        settings: Which server.
        fetched: Told of the download that the very first start needs.
    """
    if settings.neo4j_uri is None:
        return database.ensure_local(settings, fetched)
    password = settings.neo4j_password
    return Neo4jTarget(
        uri=settings.neo4j_uri,
        user=settings.neo4j_user,
        password=password.get_secret_value() if password else "",
        database=settings.neo4j_database,
    )


@contextmanager
def open_graph(
    settings: Settings, fetched: DownloadProgress = no_progress
) -> Iterator[GraphClient]:
    """Connect to the graph with its schema up to date; ``fetched`` is that of ``target_of``."""
    with GraphClient(target_of(settings, fetched)) as client:
        graph_schema.apply(client, wait_seconds=_MIGRATION_WAIT_SECONDS)
        yield client


@contextmanager
def open_registry(settings: Settings) -> Iterator[Registry]:
    """Connect to the registry with its schema up to date."""
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_registry_engine(settings.registry)
    try:
        yield Registry(engine)
    finally:
        engine.dispose()
