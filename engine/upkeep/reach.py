"""Reach the graph as it is: no server is started, no migration applied."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from engine import logs
from engine.config import Settings
from engine.connections import database
from engine.connections.home import name_of_home
from engine.connections.session import target_of
from engine.errors import EngineError
from engine.store.graph_client import ClientLimits, GraphClient, Neo4jTarget
from engine.store.local_server import VERSIONS
from engine.upkeep.findings import Finding, fault, ok, warning

# Short: whoever checks a server that does not answer wants to hear so. A look at every vector of a
# large graph takes longer than most questions.
LIMITS = ClientLimits(connect=5.0, acquire=10.0, retry=5.0, query=600.0)
_NAME = "neo4j"


@contextmanager
def reached(settings: Settings) -> Iterator[tuple[GraphClient | None, list[Finding]]]:
    """Lend a client of the graph, None where no server answers, and what was found about it."""
    found: list[Finding] = []
    client = None
    where = logs.scrub(settings.neo4j_uri or "the engine's own Neo4j")
    try:
        target = _target(settings, found)
        if target is not None:
            client = GraphClient(target, limits=LIMITS)
            found.append(ok(_NAME, where, "it answers"))
    except EngineError as error:
        found.append(fault(_NAME, where, error.message, error.hint))
    try:
        yield client, found
    finally:
        if client is not None:
            client.close()


def _target(settings: Settings, found: list[Finding]) -> Neo4jTarget | None:
    """Return where the server is, without starting one."""
    if settings.neo4j_uri is not None:
        return target_of(settings)
    server = database.local_server(settings)
    state, where, start = server.running(), "the engine's own Neo4j", "engine db start"
    if state is None and not server.holds_graph():
        found.append(warning(_NAME, where, "it was never started: there is no graph yet", start))
    elif state is None:
        found.append(fault(_NAME, where, "it does not run", start))
    elif not state.ready:
        found.append(warning(_NAME, where, "it is starting", "engine db status"))
    else:
        if state.versions != VERSIONS:
            value = f"{state.versions} is running, this engine needs {VERSIONS}"
            found.append(fault("versions", where, value, "engine db stop && engine db start"))
        return replace(server.target(state), home=name_of_home(settings))
    return None
