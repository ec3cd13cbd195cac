"""The statements of events that Spark loads and exports: ``cypher/spark``."""

from collections.abc import Generator
from typing import Any

from engine.store.graph_client import GraphClient
from engine.store.statements import statement


def write_statement() -> str:
    """Return the text by which the connector writes the events of one transaction.

    Its parameter ``events`` is a list of maps with ``key, user, item, event, at, weight, basket,
    list, position``, ``disliked``, and ``load``, the number of the load in the registry; a key at
    most once.
    """
    return statement("spark/write_events", cypher25=False).text


def written(client: GraphClient, load: int) -> int:
    """Return how many events a load has written."""
    return int(client.read("spark/written", load=load)[0]["written"])


def events_between(
    client: GraphClient, low: int, high: int
) -> Generator[dict[str, Any], None, None]:
    """Yield the events with keys from ``low`` to ``high``, under the names of a file's columns."""
    yield from client.stream("spark/events_between", low=low, high=high)
