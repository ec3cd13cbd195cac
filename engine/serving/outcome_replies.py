"""What comes out of what was seen and done with lists, field by field."""

from typing import Literal

from engine.serving.answer_form import AnswerModel
from engine.serving.replies import Reply


class ImpressionsReply(Reply):
    """How many items are seen now for the first time, and how many were seen before."""

    accepted: int
    duplicate: int


class RateReply(AnswerModel):
    """A rate and its 95 % interval by users; without one where none can be told."""

    ratio: float
    low: float | None
    high: float | None


class OutcomeEntry(AnswerModel):
    """What came of the lists of a group, of one kind of event.

    Attributes:
        attribution: list-id: the event names its list; rule: the newest list before it.
        per_impression: Events on items that were reported as seen, of such a report.
    """

    event: str
    attribution: Literal["list-id", "rule"]
    events: int
    value: float
    per_list: RateReply | None
    value_per_list: RateReply | None
    per_impression: RateReply | None


class OutcomeGroupEntry(AnswerModel):
    """The lists of one group: how many, their items, and which of those were reported as seen.

    Attributes:
        kept: lists: they are remembered; sums: they were removed, and sums of them are left.
    """

    group: str
    kept: Literal["lists", "sums"]
    users: int | None
    lists: int
    listed: int
    impressions: int
    outcomes: list[OutcomeEntry]


class OutcomesReply(Reply):
    """What came of the lists of a time.

    Attributes:
        since, until: When they were answered, ISO 8601, UTC.
        unattributed: Events that name a list of that time and count for none, by the reason.
        kinds_left_out: Kinds of event that name a list and were not looked at, being less frequent
            than twenty others: ask for them by name.
    """

    by: str
    since: str
    until: str
    within_days: float
    groups: list[OutcomeGroupEntry]
    unattributed: dict[str, int]
    kinds_left_out: list[str]
