"""Run the named statements on a ``py2neo.Graph``, for scripts that still hold one.

The only module that knows py2neo, which has had its last release (2021.2.4) and is an extra:
``pip install engine-recsys[py2neo]``. What works and what does not: ``docs/py2neo.md``.

    graph = py2neo.Graph("bolt://localhost:7687", auth=("neo4j", "..."))
    rows = run(graph, 'recommend/for_users', users=["alice"], k=10, exclude_seen=True,
               filters={}, now=0)
"""

from collections.abc import Mapping
from typing import Any

import py2neo
from py2neo.errors import ConnectionUnavailable, Neo4jError, ServiceUnavailable

from engine.errors import QueryFailed, Unreachable, UsageError
from engine.store.graph_client import Row
from engine.store.statements import statement

_CYPHER_25_SINCE = (2025, 6)


def run(
    graph: py2neo.Graph, name: str, idents: Mapping[str, str] | None = None, **given: Any
) -> list[Row]:
    """Run a read statement of the catalogue and return its rows, those of ``GraphClient.read``.

    Args:
        graph: An open ``py2neo.Graph``.
        name: Such as ``recommend/for_users``.
        idents: Names for the slots of the statement, where it has any.
        given: Its parameters; those with a default may be left out.

    Raises:
        UsageError: A parameter is missing, unknown or not allowed, or the statement writes.
        QueryFailed: The server refused the statement.
        Unreachable: The connection broke.
    """
    try:
        chosen = statement(name, cypher25=_speaks_cypher_25(graph))
        if chosen.mode != "read":
            raise UsageError(
                f"{name} writes, and py2neo runs read statements only",
                hint="the engine's own commands write, and retry safely",
            )
        values = chosen.arguments(given)
        cursor = graph.run(chosen.query(idents).text, values)
        return [dict(record) for record in cursor]
    except Neo4jError as error:
        raise QueryFailed(
            f"the Neo4j server refused a statement ({error.code}): {error}"
        ) from error
    except (ConnectionUnavailable, ServiceUnavailable) as error:
        raise Unreachable(
            f"py2neo lost the Neo4j server: {error}", hint="make a new py2neo.Graph"
        ) from error


def _speaks_cypher_25(graph: py2neo.Graph) -> bool:
    version: tuple[int, ...] = graph.service.kernel_version.release[:2]
    return version >= _CYPHER_25_SINCE
