"""What came of the lists that were answered: by group, with intervals by users."""

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from engine.ab_tests.ratio_interval import RatioInterval, ratio_interval
from engine.ab_tests.ratio_metric import RatioMoments
from engine.data.event_kinds import check_kinds
from engine.data.reading.timestamps import CLOCK_SKEW_MS
from engine.data.tabular import Tabular
from engine.errors import UsageError
from engine.graph import outcome_sums
from engine.graph.outcome_sums import KeptSums, ListsOfTime, OutcomeGroup, OutcomeSums
from engine.store.graph_client import GraphClient

Attribution = Literal["list-id", "rule"]
MOST_DAYS = 36_500.0
MOST_EVENTS = 20
_DAY_MS = 86_400_000


@dataclass(frozen=True)
class OutcomeRequest:
    """Which lists, and what counts as having come of them.

    Attributes:
        by: What the lists are grouped by.
        events: Kinds of event; none: those that name a list.
        days: Lists of the last so many days.
        within_days: What is done so long after a list counts for it.
        rule: Whether an event that names no list counts for the newest list of its user from
            before it that has its item.
    """

    by: OutcomeGroup = "all"
    events: tuple[str, ...] = ()
    days: float = 28.0
    within_days: float = 7.0
    rule: bool = False

    def __post_init__(self) -> None:
        """Refuse what has no meaning.

        Raises:
            UsageError: A value is out of range; the message names it.
        """
        if self.by not in get_args(OutcomeGroup):
            known = ", ".join(get_args(OutcomeGroup))
            raise UsageError(f"by must be one of {known}, not {self.by!r}")
        for name, value in (("days", self.days), ("within", self.within_days)):
            if not 0 < value <= MOST_DAYS:
                raise UsageError(
                    f"{name} must be more than 0 and at most {MOST_DAYS:.0f} days, not {value:g}",
                    hint=f"engine outcomes --{name} 7",
                )
        if len(self.events) > MOST_EVENTS:
            raise UsageError(f"at most {MOST_EVENTS} kinds of event, not {len(self.events)}")
        check_kinds({f"--event {one}": one for one in self.events})

    def lists(self, list_days: float, seconds: float | None = None) -> ListsOfTime:
        """Return which lists it asks for now, where they are kept for so many days."""
        now = int(time.time() * 1_000)
        return ListsOfTime(
            since=now - int(self.days * _DAY_MS),
            until=now + CLOCK_SKEW_MS,  # of a service whose clock runs ahead
            within=int(self.within_days * _DAY_MS),
            kept_from=now - int(list_days * _DAY_MS),
            seconds=seconds,
        )


@dataclass(frozen=True)
class EventOutcome:
    """What came of the lists of a group, of one kind of event.

    Attributes:
        attribution: ``list-id``: the event names its list; ``rule``: the newest list before it.
        events: How many were attributed.
        value: Sum of their weights.
        per_list, value_per_list: Of an answered list.
        per_impression: Events on items that were reported as seen, of such a report; None where
            there is none.
    """

    event: str
    attribution: Attribution
    events: int
    value: float
    per_list: RatioInterval | None
    value_per_list: RatioInterval | None
    per_impression: RatioInterval | None


@dataclass(frozen=True)
class GroupOutcomes:
    """The lists of one group.

    Attributes:
        kept: ``lists``: they are remembered; ``sums``: they were removed after ``list_days``, and
            sums of their days are left, of which no interval can be told.
        users: Whose they are; a list that is nobody's counts as a user. None of sums.
        lists: How many were answered.
        listed: Their items.
        impressions: Those of the items that were reported as seen.
    """

    group: str
    kept: Literal["lists", "sums"]
    users: int | None
    lists: int
    listed: int
    impressions: int
    outcomes: tuple[EventOutcome, ...]


@dataclass(frozen=True)
class OutcomeReport(Tabular):
    """What came of the lists of a time.

    Attributes:
        since, until: When they were answered.
        within_days: What was done so long after a list counts for it.
        groups: In their order.
        unattributed: Events that name a list of that time and count for none, by the reason.
        kinds_left_out: Kinds of event that name a list and were not looked at: by themselves the
            ``MOST_EVENTS`` most frequent are.
    """

    by: OutcomeGroup
    since: datetime
    until: datetime
    within_days: float
    groups: tuple[GroupOutcomes, ...]
    unattributed: dict[str, int]
    kinds_left_out: tuple[str, ...] = ()

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each group, kind of event and attribution."""
        return [
            {**_plain(group), **(_flat(one) if one else {})}
            for group in self.groups
            for one in group.outcomes or (None,)
        ]

    def remarks_for_reader(self) -> list[str]:
        """Say which events count for no list, and which kinds were not looked at."""
        told = (f"{number} {reason}" for reason, number in self.unattributed.items())
        counted = ", ".join(told)
        said = [f"Events that name a list and count for none: {counted}."] if counted else []
        if self.kinds_left_out:
            rest = ", ".join(self.kinds_left_out)
            said.append(f"The {MOST_EVENTS} most frequent kinds of event. Not looked at: {rest}.")
        return said

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        moments = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return asdict(self) | moments


def outcomes(
    graph: GraphClient, request: OutcomeRequest, list_days: float, seconds: float | None = None
) -> OutcomeReport:
    """Return what came of lists.

    Args:
        graph: Where they are remembered.
        request: Which.
        list_days: For how long lists are kept.
        seconds: After which the server ends a query; None: after those of its client.

    Raises:
        QueryTooSlow: One took longer.
    """
    lists = request.lists(list_days, seconds)
    found = [] if request.events else outcome_sums.kinds(graph, lists)
    events = tuple(dict.fromkeys(request.events or sorted(found[:MOST_EVENTS])))
    return OutcomeReport(
        request.by,
        datetime.fromtimestamp(lists.since / 1_000, UTC),
        datetime.fromtimestamp(lists.until / 1_000, UTC),
        request.within_days,
        tuple(
            sorted(
                [*_removed(outcome_sums.kept(graph, lists, request.by), request.events),
                 *_remembered(graph, request, lists, events)],
                key=_order,
            )
        ),
        outcome_sums.unattributed(graph, lists, events),
        tuple(found[MOST_EVENTS:]),
    )  # fmt: skip


def _remembered(
    graph: GraphClient, request: OutcomeRequest, lists: ListsOfTime, events: tuple[str, ...]
) -> list[GroupOutcomes]:
    sums_of: dict[str, OutcomeSums] = {}
    outcomes_of: dict[str, list[EventOutcome]] = {}
    ways: tuple[Attribution, ...] = ("list-id", "rule") if request.rule else ("list-id",)
    # Without a kind of event, the lists and impressions are counted all the same.
    for event in events or ("",):
        for way in ways:
            work = outcome_sums.named if way == "list-id" else outcome_sums.by_rule
            for sums in work(graph, lists, request.by, event):
                sums_of[sums.group] = sums
                if event:
                    one = _outcome(sums, event, way)
                    outcomes_of.setdefault(sums.group, []).append(one)
    return [
        GroupOutcomes(
            group, "lists", one.users, one.lists, one.listed, one.impressions,
            tuple(outcomes_of.get(group, ())),
        )
        for group, one in sums_of.items()
    ]  # fmt: skip


def _removed(sums: Sequence[KeptSums], events: Sequence[str]) -> list[GroupOutcomes]:
    def rate(one: KeptSums, number: float) -> RatioInterval:
        lists = next(two.lists for two in sums if two.group == one.group and two.event is None)
        return RatioInterval(number / lists, None, None)

    def outcomes_of(group: str) -> tuple[EventOutcome, ...]:
        return tuple(
            EventOutcome(
                one.event, "list-id", one.events, one.value,
                rate(one, one.events), rate(one, one.value), None,
            )
            for one in sums
            if one.event is not None
            and one.group == group
            and (not events or one.event in events)
        )  # fmt: skip

    return [
        GroupOutcomes(
            one.group, "sums", None, one.lists, one.listed, one.impressions,
            outcomes_of(one.group),
        )
        for one in sums
        if one.event is None
    ]  # fmt: skip


def _outcome(sums: OutcomeSums, event: str, attribution: Attribution) -> EventOutcome:
    users, lists, lists_squared = sums.users, sums.lists, sums.lists_squared
    per_list = RatioMoments(
        users, sums.events, lists, sums.events_squared, sums.lists_events, lists_squared
    )
    value = RatioMoments(
        users, sums.value, lists, sums.value_squared, sums.lists_value, lists_squared
    )
    seen = RatioMoments(
        users,
        sums.seen_events,
        sums.impressions,
        sums.seen_events_squared,
        sums.impressions_events,
        sums.impressions_squared,
    )
    return EventOutcome(
        event,
        attribution,
        sums.events,
        sums.value,
        ratio_interval(per_list),
        ratio_interval(value, -math.inf if sums.least < 0 else 0.0),
        ratio_interval(seen),
    )


def _order(one: GroupOutcomes) -> tuple[int, str]:
    return (int(one.group), "") if one.group.isdecimal() else (0, one.group)


def _plain(group: GroupOutcomes) -> dict[str, Any]:
    return {name: value for name, value in vars(group).items() if name != "outcomes"}


def _flat(one: EventOutcome) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in vars(one).items():
        if name in ("per_list", "value_per_list", "per_impression"):
            flat[name] = value and value.ratio
            flat[f"{name}_low"], flat[f"{name}_high"] = value and value.low, value and value.high
        else:
            flat[name] = value
    return flat
