"""Window: what people do in the days after a cut, at several cuts.

A single cut says nothing of how a figure changes from week to week, and a long test part asks for
what happens months after the training. Several short windows, each with all before it to learn
from, are rolling-origin evaluation (Tashman 2000, "Out-of-sample tests of forecasting accuracy",
International Journal of Forecasting 16(4)); Ji et al. 2023, "A Critical Study on Data Leakage in
Recommender System Offline Evaluation" (TOIS 41(3)), say why nothing after a cut may be known.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.data.arrays import Int64Array
from engine.data.interactions import Interactions
from engine.data.splits import Split, no_times, split, usable
from engine.errors import DataError
from engine.evaluation.protocols import cuts
from engine.evaluation.protocols.evaluation_task import Draw, EvaluationTask
from engine.evaluation.protocols.single_split import VALID_OF_TRAIN
from engine.evaluation.sample_size import FEWEST_USERS

LEAST_KNOWN = 0.5
"""Least share of the events that must be older than a cut: most of a history is learned from."""


@dataclass(frozen=True)
class SeveralCuts:
    """What protocols are called with that ask what happened in a window after each of some cuts.

    Attributes:
        days: Length of a window.
        cuts: How many cuts, a week or more apart; fewer where the events do not go back so far.
        end: Where the newest window ends, epoch milliseconds; None: with the newest event's day.
    """

    name: ClassVar[str]
    cutoffs: ClassVar[tuple[int, ...]] = (10, 20)
    days: int = 7
    cuts: int = 4
    end: int | None = None

    def settings(self) -> dict[str, Any]:
        """Return what it is called with, as plain values."""
        own = {"protocol": self.name, "window_days": self.days, "cuts": self.cuts}
        return own if self.end is None else own | {"window_end": self.end}


@dataclass(frozen=True)
class Window(SeveralCuts):
    """The days after each of some cuts are predicted from all that happened before it."""

    name: ClassVar[str] = "window"
    by_basket: ClassVar[bool] = False

    def tasks(
        self, events: Interactions, draw: Draw, baskets: Int64Array | None = None
    ) -> list[EvaluationTask]:
        """Return a task for each cut, oldest first; nothing is drawn.

        Raises:
            DataError: Most events have no time, or they do not go back far enough for one cut.
        """
        del draw, baskets
        return [
            EvaluationTask(
                split_at(events, cut, self.days),
                lambda cut=cut: validation_before(events, cut, self.days),  # type: ignore[misc]
                cut,
            )
            for cut in usable_cuts(events, self.days, self.cuts, self.end)
        ]

    def notes(self, events: Interactions, baskets: Int64Array | None = None) -> list[str]:
        """Say where the cuts are, and why there are fewer than asked for."""
        del baskets
        return cut_notes(events, self.days, self.cuts, self.end)


def usable_cuts(events: Interactions, days: int, count: int, end: int | None = None) -> list[int]:
    """Return those cuts that have something in their window and most of the events before it.

    Args:
        events: All of them.
        days: Length of a window.
        count: How many cuts at most.
        end: As for ``Window``.

    Raises:
        DataError: Most events have no time, or there is no such cut.
    """
    if usable("auto", events) != "time":
        raise no_times(events)
    ends = cuts.day_end(events.at) if end is None else end
    enough = LEAST_KNOWN * len(events)
    found = [
        cut
        for cut in cuts.cuts_before(ends, days, count).tolist()
        if (events.at < cut).sum() >= enough and cuts.within(events.at, cut, days).any()
    ]
    if found:
        return found
    timed = events.at[events.at > 0]
    first, last = cuts.day(int(timed.min(initial=ends))), cuts.day(int(timed.max(initial=0)))
    raise DataError(
        f"no cut with a window of {days} days has half of the events before it: they are of "
        f"{first} to {last}",
        hint="give a smaller --window-days, load a longer period, or judge by --protocol split",
    )


def split_at(events: Interactions, cut: int, days: int) -> Split:
    """Return what happened before a cut and in its window.

    Args:
        events: All of them; those without a time are older than all others.
        cut: Epoch milliseconds.
        days: Length of the window.
    """
    return Split(events.select(events.at < cut), events.select(cuts.within(events.at, cut, days)))


def validation_before(events: Interactions, cut: int, days: int) -> Split:
    """Return what happened before the cut that is one window earlier, and in that window.

    Raises:
        DataError: As ``enough``.
    """
    (before,) = cuts.cuts_before(cut, days, 1).tolist()
    known = events.select(events.at < cut)
    return enough(split_at(known, before, days), known)


def enough(parts: Split, known: Interactions) -> Split:
    """Return a validation split, or another one where it asks fewer users than can tell anything.

    The other one is the newest eighth of all that is known, cut between two times.

    Args:
        parts: What was cut by a window.
        known: All that is older than the cut.

    Raises:
        DataError: The other one would have an empty part.
    """
    asked = np.intersect1d(parts.earlier.user, parts.later.user)
    if len(asked) >= FEWEST_USERS:
        return parts
    try:
        return split(known, "time", np.random.default_rng(0), VALID_OF_TRAIN)
    except DataError as error:
        raise DataError(
            f"the {len(known)} events before a cut cannot be cut again to choose settings on: they "
            "are too few, or too few have a time",
            hint="load events of more days, or ask for fewer --cuts",
        ) from error


def cut_notes(events: Interactions, days: int, count: int, end: int | None) -> list[str]:
    """Say where the cuts are, how many events have no time, and which cuts were left out.

    Raises:
        DataError: As ``usable_cuts``.
    """
    found = usable_cuts(events, days, count, end)
    where = ", ".join(cuts.day(cut) for cut in found)
    notes = [
        f"Each method knows what happened before a cut and is asked about the {days} days from it "
        f"on. Cuts, at 0:00 UTC: {where}."
    ]
    if len(found) < count:
        notes.append(
            f"{count - len(found)} of {count} cuts were left out: less than half of the events lie "
            "before them, or none in their window."
        )
    untimed = int(np.count_nonzero(events.at <= 0))
    if untimed:
        notes.append(
            f"{untimed} of {len(events)} events have no time: they count as older than all others."
        )
    return notes
