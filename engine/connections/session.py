"""Open the two stores a use case works on: the graph and the registry.

With no URI set, the graph is the engine's own local Neo4j, started when it is not running.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.config import Settings
from engine.connections import database
from engine.connections.home import home_errors, make_home, name_of_home
from engine.data.progress_callbacks import CountProgress, no_count
from engine.store import graph_schema
from engine.store.graph_client import GraphClient, Neo4jTarget

if TYPE_CHECKING:
    from engine.store.registry import Registry

_MIGRATION_WAIT_SECONDS = 60.0


@dataclass
class _Lent:
    """A connection to a graph, how many hold it, and whether its schema is known to be right."""

    client: GraphClient
    holders: int = 0
    schema_checked: bool = False


_lent: dict[Neo4jTarget, _Lent] = {}
_lending = threading.Lock()


def target_of(settings: Settings, fetched: CountProgress = no_count) -> Neo4jTarget:
    """Return the server to use; starts the local one when no URI is set.

    Args:
        settings: Which server.
        fetched: Told of the download that the very first start needs.

    Raises:
        ConfigError: engine.toml names the server and the environment its password.
    """
    home = name_of_home(settings)
    if settings.neo4j_uri is None:
        return replace(database.ensure_local(settings, fetched), home=home)
    user, password = settings.neo4j_login()
    return Neo4jTarget(settings.neo4j_uri, user, password, settings.neo4j_database, home)


@contextmanager
def open_graph(settings: Settings, fetched: CountProgress = no_count) -> Iterator[GraphClient]:
    """Connect to the graph with its schema up to date; whoever does so again meanwhile shares it.

    Args:
        settings: Which graph.
        fetched: That of ``target_of``.
    """
    target = target_of(settings, fetched)
    with _lending:
        if target not in _lent:
            _lent[target] = _Lent(GraphClient(target))
        one = _lent[target]
        one.holders += 1
    try:
        if not one.schema_checked:
            graph_schema.apply(one.client, wait_seconds=_MIGRATION_WAIT_SECONDS)
            one.schema_checked = True
        yield one.client
    finally:
        with _lending:
            one.holders -= 1
            if not one.holders:
                del _lent[target]
                one.client.close()


def graph_was_replaced() -> None:
    """Have the schema checked again by the next to open a graph that others hold open."""
    with _lending:
        for one in _lent.values():
            one.schema_checked = False


def note_keys(settings: Settings) -> None:
    """Remember outside the registry that it holds API keys, so that its loss is seen.

    Raises:
        ConfigError: ENGINE_HOME cannot be written.
    """
    from engine.store.key_marker import KeyMarker  # noqa: PLC0415 as below

    with home_errors(settings.home):
        KeyMarker(settings.home, settings.registry).write()


@contextmanager
def open_registry(settings: Settings) -> "Iterator[Registry]":
    """Connect to the registry with its schema up to date; whoever does so again shares it.

    Raises:
        ConfigError: ENGINE_HOME cannot be written, or the registry's URL is malformed.
        RegistryError: It cannot be opened, or it has lost the API keys that were made in it.
    """
    # SQLAlchemy and Alembic: most of a second, and a list of one user opens no registry.
    from engine.store.key_marker import KeyMarker  # noqa: PLC0415
    from engine.store.registry import Registry  # noqa: PLC0415
    from engine.store.registry_schema import registry_engine  # noqa: PLC0415

    home = make_home(settings)
    marker = KeyMarker(home, settings.registry)
    marker.check_before()
    with registry_engine(settings.registry) as engine:
        registry = Registry(engine)
        with home_errors(home):
            marker.check(registry)
        yield registry
