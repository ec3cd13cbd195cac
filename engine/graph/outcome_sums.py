"""Sums of lists and of what came of them (``cypher/shown``)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from engine.data.list_id import first_list_id
from engine.data.reading.timestamps import CLOCK_SKEW_MS
from engine.store.graph_client import GraphClient

OutcomeGroup = Literal["all", "generation", "variant", "list", "position", "day"]


@dataclass(frozen=True)
class ListsOfTime:
    """Which lists are looked at, and which events count for them; moments in epoch milliseconds.

    Attributes:
        since, until: When the lists were answered; ``until`` is not among it.
        within: For how long after a list what is done counts for it, milliseconds.
        kept_from: Lists from before it were removed, unless nobody came to it yet.
        seconds: After which the server ends a query; None: after those of its client.
    """

    since: int
    until: int
    within: int
    kept_from: int
    seconds: float | None = None

    def ids(self) -> dict[str, Any]:
        """Return the first id of the time and the first after it."""
        return {"first": first_list_id(self.since), "last": first_list_id(self.until)}

    def moments(self) -> dict[str, Any]:
        """Return when the lists were answered."""
        return {"since": self.since, "until": self.until}

    def bounds(self) -> dict[str, Any]:
        """Return by what an event is attributed; its clock may be an hour off."""
        kept_from = first_list_id(self.kept_from)
        return {"within": self.within, "skew": CLOCK_SKEW_MS, "kept_from": kept_from}


@dataclass(frozen=True)
class OutcomeSums:
    """Of one group: sums over its users, their squares and their products.

    A list that is nobody's is a user of its own.

    Attributes:
        group: Such as a generation or a day.
        listed: Items of the lists.
        impressions: Those of them that were reported as seen.
        events: Those that are attributed; ``seen_events`` to an impression.
        value: Sum of their weights.
        least: The lowest of these, at most 0.
    """

    group: str
    users: int
    lists: int
    listed: int
    impressions: int
    events: int
    seen_events: int
    value: float
    lists_squared: int
    impressions_squared: int
    events_squared: int
    seen_events_squared: int
    value_squared: float
    lists_events: int
    impressions_events: int
    lists_value: float
    least: float


@dataclass(frozen=True)
class KeptSums:
    """What is kept of lists that were removed: sums of one group.

    Attributes:
        event: A kind, of which ``events`` and ``value`` are; None: of the lists themselves.
    """

    group: str
    event: str | None
    lists: int
    listed: int
    impressions: int
    events: int
    value: float


def kept(client: GraphClient, time: ListsOfTime, by: OutcomeGroup) -> list[KeptSums]:
    """Return the sums of lists that were removed; none by what they do not know."""
    if by in ("position", "variant"):
        return []
    days = [datetime.fromtimestamp(at / 1_000, UTC).date() for at in (time.since, time.until)]
    rows = client.read(
        "shown/kept_sums",
        timeout=time.seconds,
        first_day=days[0].isoformat(),
        last_day=days[1].isoformat(),
        by=by,
    )
    return [KeptSums(**row) for row in rows]


def kinds(client: GraphClient, time: ListsOfTime) -> list[str]:
    """Return the kinds of the events that name a list of a time, the most frequent first."""
    return [row["event"] for row in client.read("shown/kinds", timeout=time.seconds, **time.ids())]


def named(
    client: GraphClient, time: ListsOfTime, by: OutcomeGroup, event: str
) -> list[OutcomeSums]:
    """Return the sums of the events of a kind that name their list."""
    asked: dict[str, Any] = {"by": by, "event": event, **time.moments(), **time.bounds()}
    rows = client.read("shown/named_outcomes", timeout=time.seconds, **asked)
    return [OutcomeSums(**row) for row in rows]


def by_rule(
    client: GraphClient, time: ListsOfTime, by: OutcomeGroup, event: str
) -> list[OutcomeSums]:
    """Return the sums of the events of a kind that name none: the newest list before counts."""
    asked: dict[str, Any] = {"by": by, "event": event, **time.moments(), "within": time.within}
    rows = client.read("shown/ruled_outcomes", timeout=time.seconds, **asked)
    return [OutcomeSums(**row) for row in rows]


def unattributed(client: GraphClient, time: ListsOfTime, events: Sequence[str]) -> dict[str, int]:
    """Return how many events name a list of a time and are not attributed to it, by the reason."""
    found = attribution(client, time, events)
    return {fault: number for fault, number in found.items() if fault is not None}


def attribution(
    client: GraphClient, time: ListsOfTime, events: Sequence[str]
) -> dict[str | None, int]:
    """Return how many events name a list of a time, by the reason why they do not count for it.

    None: they do, or did before their list was removed.
    ``unknown``: no such list is remembered. ``expired``: too long after it, or it is kept no more.
    ``foreign``: it is another user's. ``not-in-list``, ``wrong-position``: the item is not in it,
    or not there. ``before-list``: earlier than the list by more than clocks differ.
    """
    asked: dict[str, Any] = {"events": list(events), **time.ids(), **time.bounds()}
    rows = client.read("shown/attribution", timeout=time.seconds, **asked)
    found = {row["fault"]: row["events"] for row in rows}
    if removed := found.pop("removed", 0):
        summed = sum(one.events for one in kept(client, time, "all") if one.event in events)
        counted = min(removed, summed)
        found[None] = found.get(None, 0) + counted
        found["expired"] = found.get("expired", 0) + removed - counted
    return {fault: number for fault, number in found.items() if number}
