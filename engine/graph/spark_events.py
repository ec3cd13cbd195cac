"""The statements of events that Spark loads and exports: ``cypher/spark``."""

from collections.abc import Generator
from typing import Any

from engine.store.graph_client import GraphClient
from engine.store.statements import statement


def write_statement() -> str:
    """Return the text by which the connector writes the events of one transaction.

    Its parameter ``events`` is a list of maps with ``key, user, item, event, at, weight, basket,
    list, position``, ``disliked``, ``load``, the number of the load in the registry, and ``job``,
    with which the tokens of the job's batches begin; a key at most once.
    """
    return statement("spark/write_events", cypher25=False).text


def written(client: GraphClient, job: str) -> int:
    """Return how many events a job has written."""
    return int(client.read("spark/written", job=job)[0]["written"])


def events_between(
    client: GraphClient, low: int, high: int
) -> Generator[dict[str, Any], None, None]:
    """Yield the events with keys from ``low`` to ``high``, under the names of a file's columns."""
    yield from client.stream("spark/events_between", low=low, high=high)
