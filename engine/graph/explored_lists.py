"""Lists that were explored, and what followed them (``cypher/shown/explored``)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.graph.outcome_sums import ListsOfTime
from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class ExploredList:
    """The first page of a user's own list.

    Attributes:
        user: Id.
        at: When it was answered, epoch milliseconds.
        options: What was asked beside the defaults.
        items: Ids, the best first; of one that is forgotten the empty text.
        propensities: How likely each was to stand there.
        seen: Places from 0 that were reported as seen; all of them where nothing was reported.
        taken: Ids that an event followed.
    """

    user: str
    at: int
    options: Mapping[str, Any]
    items: tuple[str, ...]
    propensities: tuple[float, ...]
    seen: tuple[int, ...]
    taken: frozenset[str]


def newest(client: GraphClient, time: ListsOfTime, event: str, limit: int) -> list[ExploredList]:
    """Return the newest lists of a time that were explored, at most ``limit``.

    Args:
        client: The graph.
        time: When they were answered, and what counts for them.
        event: The kind of event that is a conversion; one that names its list counts.
        limit: How many.
    """
    asked: dict[str, Any] = {"event": event, **time.moments(), **time.bounds()}
    rows = client.read("shown/explored", timeout=time.seconds, limit=limit, **asked)
    return [
        ExploredList(
            row["user"],
            row["at"],
            json.loads(row["options"]),
            tuple(row["items"]),
            tuple(row["propensities"]),
            tuple(n - 1 for n in row["seen"] or range(1, len(row["items"]) + 1)),
            frozenset(row["taken"]),
        )
        for row in rows
    ]
