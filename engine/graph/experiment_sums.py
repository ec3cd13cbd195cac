"""Sums of what an experiment's users were shown and did (``cypher/shown/experiment_*``)."""

from dataclasses import dataclass
from typing import Any

from engine.graph.outcome_sums import ListsOfTime
from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class ExperimentBasis:
    """What there is of an experiment.

    Attributes:
        lists: How many are remembered.
        seen: Whether anything of one was reported as seen.
        kinds: Of the events that name one.
    """

    lists: int
    seen: bool
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class ExperimentSums:
    """Of one variant: sums over its users, their squares and their products.

    Attributes:
        variant: None: users who were shown several variants, and lists that are nobody's.
        lists: Of the users; without a variant, those that are nobody's.
        failed: Those of them that the control made.
    """

    variant: str | None
    users: int
    lists: int
    failed: int
    shown: int
    conversions: int
    value: float
    shown_squared: int
    conversions_squared: int
    value_squared: float
    shown_conversions: int
    shown_value: float


@dataclass(frozen=True)
class InterleavedCredits:
    """What the users of an interleaved experiment chose; an item of a list counts once.

    Attributes:
        lists: ``failed`` of them the control made, and ``of_nobody`` are of people who are not in
            the graph; neither has credits.
        credits_a, credits_b: Items of each team that were chosen.
        for_a, for_b: Users who chose more items of one team than of the other.
        ties: Users who chose as many of each, and at least one.
    """

    users: int
    lists: int
    failed: int
    of_nobody: int
    credits_a: int
    credits_b: int
    for_a: int
    for_b: int
    ties: int


def basis(client: GraphClient, experiment: str, time: ListsOfTime) -> ExperimentBasis:
    """Return what there is of an experiment in a time."""
    (row,) = client.read("shown/experiment_basis", timeout=time.seconds, **_lists(experiment, time))
    return ExperimentBasis(row["lists"], row["seen"], tuple(sorted(row["kinds"])))


def sums(
    client: GraphClient, experiment: str, time: ListsOfTime, event: str, *, seen_only: bool
) -> list[ExperimentSums]:
    """Return the sums of each variant that anybody was shown.

    Args:
        client: The graph.
        experiment: Its name.
        time: When its lists were answered, and what counts for them.
        event: The kind of event that is a conversion; one that names its list counts.
        seen_only: Whether only items that were reported as seen count; otherwise all items do.
    """
    asked = {"event": event, "seen_only": seen_only, **_lists(experiment, time), **time.bounds()}
    rows = client.read("shown/experiment_sums", timeout=time.seconds, **asked)
    return [ExperimentSums(**row) for row in rows]


def credits(
    client: GraphClient, experiment: str, time: ListsOfTime, event: str, teams: tuple[str, str]
) -> InterleavedCredits:
    """Return what the users of an interleaved experiment chose.

    Args:
        client: The graph.
        experiment: Its name.
        time: When its lists were answered, and what counts for them.
        event: The kind of event that chooses an item.
        teams: Names of its variants.
    """
    (row,) = client.read(
        "shown/interleaved_credits",
        timeout=time.seconds,
        event=event,
        team_a=f"{teams[0]}:",
        team_b=f"{teams[1]}:",
        **_lists(experiment, time),
        **time.bounds(),
    )
    return InterleavedCredits(**row)


def _lists(experiment: str, time: ListsOfTime) -> dict[str, Any]:
    return {"prefix": f"{experiment}/", **time.moments()}
