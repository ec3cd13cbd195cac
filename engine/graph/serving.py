"""Generations and the pointer to the one in service (``cypher/generation``).

A generation's node is written before its vectors, so whatever an interrupted publish left behind
can be found and removed. The pointer moves in one transaction. May import: ``store``, ``errors``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import CommitUnknown
from engine.graph import embeddings, vector_index
from engine.store.graph_client import GraphClient

_POPULAR_KEPT = 1_000


@dataclass(frozen=True)
class StoredGeneration:
    """A generation as the graph knows it.

    Attributes:
        state: ``candidate`` until it has been in service, then ``published``.
        settings: Everything the serving query reads from it.
    """

    number: int
    state: str
    serving: bool
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Popularity:
    """How often each item was used, as serving needs it."""

    events: dict[str, int]

    @property
    def most(self) -> int:
        """Events on the most popular item."""
        return max(self.events.values(), default=0)

    def top(self) -> list[str]:
        """Return the most popular ids, best first."""
        return [id_ for id_, _ in self._ranked()]

    def top_events(self) -> list[int]:
        """Return how many events there are on each of ``top()``."""
        return [events for _, events in self._ranked()]

    def _ranked(self) -> list[tuple[str, int]]:
        return sorted(self.events.items(), key=lambda pair: (-pair[1], pair[0]))[:_POPULAR_KEPT]


def generations(client: GraphClient) -> list[StoredGeneration]:
    """Return what the graph holds, newest first."""
    return [StoredGeneration(**row) for row in client.read("generation/list")]


def announce(client: GraphClient, number: int, settings: Mapping[str, Any]) -> None:
    """Create a generation's node as a candidate."""
    client.write("generation/open", number=number, settings=dict(settings))


def promote(client: GraphClient, number: int, settings: Mapping[str, Any]) -> None:
    """Move the pointer to a generation, whose final settings are written along.

    Raises:
        CommitUnknown: The answer was lost and the pointer has not moved.
    """
    try:
        client.write("generation/promote", number=number, settings=dict(settings))
    except CommitUnknown:
        if not any(one.serving and one.number == number for one in generations(client)):
            raise


def leftovers(known: list[StoredGeneration]) -> list[int]:
    """Return the generations to remove: all but the one in service and the one before it."""
    kept: set[int] = set()
    for one in known:
        if one.serving:
            kept |= {one.number, one.settings.get("previous") or one.number}
    return [one.number for one in known if one.number not in kept]


def remove(client: GraphClient, number: int) -> None:
    """Remove a generation's indexes, vectors and node, in that order: it can be interrupted."""
    vector_index.drop(client, number)
    embeddings.remove(client, number)
    client.write("generation/forget", number=number)


def popularity(client: GraphClient) -> Popularity:
    """Count the events on every item."""
    rows = client.stream("generation/item_degrees")
    return Popularity({row["id"]: row["events"] for row in rows})


def newest_event(client: GraphClient) -> int | None:
    """Return when the newest event happened in epoch ms, or None where no event has a time."""
    at: int | None = client.read("generation/newest_event")[0]["at"]
    return at
