"""Window: the newest stretch of time, held out, on which whatever could be served is judged alike.

One number per user: ndcg@20, the mean of lists without and with seen items where both have an
answer, as the blend is chosen by. What is held out is everything of the newest days, the last
basket that each user began in them, or each user's last event.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from engine.data.arrays import Float64Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.splits import Split, no_times
from engine.errors import DataError
from engine.evaluation import metrics, ranking
from engine.evaluation.protocols import (
    EvaluationProtocol,
    NextBasket,
    NextItemProtocol,
    SingleSplit,
    Window,
    cuts,
)
from engine.evaluation.ranking import RankingTask, UserScorer

K = 20
MOSTLY_TIMED = 0.5
"""Share of events with a time from which on the newest of them are the window."""
HoldOutKind = Literal["time", "random", "leave-last-out"]
HoldOut = Window | NextBasket | NextItemProtocol | SingleSplit
HOLD_OUT_PROTOCOLS = (Window.name, NextBasket.name, NextItemProtocol.name)
"""Protocols that a night can be asked to judge by."""
LARGEST_SHARE = 0.2
"""Of all events, however many days are asked for: most of them must be left to learn from."""
_JUDGED_ON = {
    Window.name: "the newest days",
    NextBasket.name: "each user's last basket of the newest days",
    NextItemProtocol.name: "each user's last event",
}


@dataclass(frozen=True)
class WindowQuality:
    """What one method is worth on a window.

    Attributes:
        values: One per user of the window, in the window's order.
        coverage: Share of the catalogue that stands in any list of items that are new to the user.
    """

    values: Float64Array
    coverage: float

    @property
    def mean(self) -> float:
        """The figure that is shown."""
        return float(self.values.mean()) if len(self.values) else 0.0


class HoldOutWindow:
    """Users with something to find in the later part, and the two questions they are asked.

    Args:
        parts: What is known, and what happened in the window.
        begins: From when on nothing is known, epoch milliseconds; None: from its first event.
    """

    def __init__(self, parts: Split, begins: int | None = None) -> None:
        self.parts, self._begins = parts, begins
        self._with_seen = ranking.task(parts.earlier, parts.later, include_seen=True)
        self._new = ranking.task(parts.earlier, parts.later, include_seen=False)

    @property
    def users(self) -> Int64Array:
        """Rows of the users that are judged by."""
        return self._with_seen.users

    @property
    def begins(self) -> int:
        """From when on nothing is known, epoch milliseconds."""
        return int(self.parts.later.at.min()) if self._begins is None else self._begins

    @cached_property
    def comes_back(self) -> bool:
        """Whether anybody comes back to an item."""
        return self._new.relevant.nnz != self._with_seen.relevant.nnz

    def judge(self, score: UserScorer) -> WindowQuality:
        """Rank everything for every user of the window."""
        lists = ranking.top(self._new, score, K)
        coverage = metrics.coverage(lists, self._new.n_items)
        values = np.zeros(len(self.users))
        asked = np.zeros(len(self.users))
        self._add(self._new, lists, values, asked)
        if self.comes_back:
            lists = ranking.top(self._with_seen, score, K)
            self._add(self._with_seen, lists, values, asked)
        return WindowQuality(values / np.maximum(asked, 1.0), coverage)

    def _add(
        self,
        question: RankingTask,
        lists: Int64Array,
        values: Float64Array,
        asked: Float64Array,
    ) -> None:
        found = ranking.measure(question, lists, (K,)).per_user[f"ndcg@{K}"]
        place = np.searchsorted(self.users, question.users)
        values[place] += found
        asked[place] += 1.0


def kind_of(events: Interactions) -> HoldOutKind:
    """Return how a window is cut off: by time where most events have one, otherwise at random."""
    return "time" if (events.at > 0).mean() >= MOSTLY_TIMED else "random"


def kind_of_cut(protocol: HoldOut) -> HoldOutKind:
    """Return whether what is held out is newer than the rest, drawn, or each user's own last."""
    if isinstance(protocol, NextItemProtocol):
        return "leave-last-out"
    drawn = isinstance(protocol, SingleSplit) and protocol.kind == "random"
    return "random" if drawn else "time"


def untimed_note(untimed: int, events: int, protocol: str = Window.name) -> str | None:
    """Return what is to be known of events without a time; None where all have one.

    Args:
        untimed: How many have none.
        events: How many there are.
        protocol: One of ``HOLD_OUT_PROTOCOLS``.
    """
    if not untimed:
        return None
    untimed_share = f"{untimed} of {events} events have no time"
    if events - untimed >= MOSTLY_TIMED * events:
        instead = "by a random hold-out" if protocol == Window.name else "by nothing"
        judged = f"{_JUDGED_ON[protocol]} of the others ({instead} once most events have no time)"
        return f"{untimed_share}: they are trained on and count as the oldest; judged on {judged}."
    if protocol != Window.name:
        return f"{untimed_share}: nothing is judged by --protocol {protocol}, which needs times."
    return f"{untimed_share}: judged by a random hold-out, a fifth of the items of each user."


def described(protocol: str) -> str:
    """Return what a night is judged on where every event has a time, as a phrase."""
    return f"{_JUDGED_ON[protocol]}; every event has a time"


def protocol_of(events: Interactions, days: float, name: str = Window.name) -> HoldOut:
    """Return how the newest days are held out, a fifth of all events at most.

    A window begins with a day (UTC), and is of fewer whole days where ``days`` hold more than a
    fifth. Where the newest day alone does, the newest fifth is held out, cut between two times;
    where most events have no time, a fifth of the items of each user. Both are in the place of a
    window alone: who asks for baskets or for single items is never judged by something else.

    Args:
        events: All of them.
        days: Length of the window; a part of a day counts as a whole one.
        name: One of ``HOLD_OUT_PROTOCOLS``.

    Raises:
        DataError: They cannot be judged by the protocol, and it is not ``window``.
    """
    if kind_of(events) == "random":
        if name != Window.name:
            raise no_times(events)
        return SingleSplit("random", LARGEST_SHARE)
    if name == NextItemProtocol.name:
        return NextItemProtocol()
    kind = NextBasket if name == NextBasket.name else Window
    end = cuts.day_end(events.at)
    for width in range(math.ceil(days), 0, -1):
        (cut,) = cuts.cuts_before(end, width, 1).tolist()
        if cuts.within(events.at, cut, width).mean() <= LARGEST_SHARE:
            return kind(width, 1, end)
    if kind is NextBasket:
        raise DataError(
            "the newest day holds more than a fifth of all events, so its baskets cannot be held "
            "out",
            hint="load a longer period, or judge by --protocol window",
        )
    return SingleSplit("time", LARGEST_SHARE)


def can_be_longer(chosen: EvaluationProtocol, days: float) -> bool:
    """Tell whether more days than ``protocol_of`` was asked for would hold out more."""
    return isinstance(chosen, Window | NextBasket) and chosen.days >= days


def protocol_note(chosen: HoldOut, days: float) -> str | None:
    """Return what is to be known where a window is not as long as it was to be; None otherwise.

    Args:
        chosen: What ``protocol_of`` returned.
        days: What it was asked for.
    """
    if isinstance(chosen, Window | NextBasket):
        if can_be_longer(chosen, days):
            return None
        return (
            f"The newest {days:g} days hold more than a fifth of all events: judged on the newest "
            f"{chosen.days}."
        )
    if not isinstance(chosen, SingleSplit) or chosen.kind != "time":
        return None
    return (
        "The newest day holds more than a fifth of all events: judged on the newest fifth of them "
        "in place of whole days."
    )
