"""What the graph holds: counts, the newest event, the generation in service (``cypher/status``)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class Census:
    """How much of everything the graph holds."""

    users: int
    items: int
    entities: int
    events: int
    facts: int
    batches: int


def count(client: GraphClient) -> Census:
    """Count nodes and relationships."""
    return Census(**client.read("status/counts")[0])


def newest_at(client: GraphClient) -> int | None:
    """Return when the newest event happened in epoch ms, or None where no event has a time."""
    at: int | None = client.read("status/newest_event")[0]["at"]
    return at


def events_without_time(client: GraphClient) -> int:
    """Return how many events have no time."""
    events: int = client.read("status/events_without_time")[0]["events"]
    return events


def newest_event(client: GraphClient) -> datetime | None:
    """Return the same as a moment."""
    at = newest_at(client)
    return None if at is None else datetime.fromtimestamp(at / 1000, tz=UTC)


def promoted_at(client: GraphClient) -> datetime | None:
    """Return since when the generation in service is so, or None before the first publish."""
    rows = client.read("status/promoted_at")
    at = rows[0]["at"] if rows else None
    return None if at is None else datetime.fromtimestamp(at / 1000, tz=UTC)


@dataclass(frozen=True)
class Stamps:
    """What a service that holds popular items and named lists in memory has to follow.

    Attributes:
        generation: In service; None before the first publish.
        popular: How many popular items it names; None where there is none.
        described: How many users, items and entities were ever described.
        list_changes: How often a named list was changed.
    """

    generation: int | None
    popular: int | None
    described: int
    list_changes: int


def stamps(client: GraphClient) -> Stamps:
    """Return them; while they are equal, nothing that is held in memory has changed."""
    return Stamps(**client.read("status/stamps")[0])


def serving_generation(client: GraphClient) -> int | None:
    """Return the generation in service, or None before the first publish."""
    rows = client.read("status/serving_generation")
    return int(rows[0]["number"]) if rows else None
