"""Next basket: each user's last basket after a cut.

As in Li et al. 2023, "A Next Basket Recommendation Reality Check" (ACM TOIS 41(4)): recall, ndcg
and the personal hit ratio of lists of 10 and of 20, and the items that the user had before
(repeat) apart from those that are new to it (explore). They leave out each user's last basket
whenever it was; here nobody knows anything at a cut or later, so that no method learns from what
others did after the basket.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.data.arrays import BoolArray, Int64Array
from engine.data.baskets import named_or_by_day
from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.evaluation.protocols import cuts
from engine.evaluation.protocols.evaluation_task import Draw, EvaluationTask
from engine.evaluation.protocols.window import SeveralCuts, cut_notes, enough, usable_cuts


@dataclass(frozen=True)
class NextBasket(SeveralCuts):
    """The last basket that each user began in the days after a cut is to be predicted.

    A basket counts that was begun ``days`` after the cut at most.
    """

    name: ClassVar[str] = "next-basket"
    by_basket: ClassVar[bool] = True

    def tasks(
        self, events: Interactions, draw: Draw, baskets: Int64Array | None = None
    ) -> list[EvaluationTask]:
        """Return a task for each cut, oldest first; nothing is drawn.

        Raises:
            DataError: As ``Window.tasks``.
        """
        del draw
        basket = named_or_by_day(events, baskets)
        return [
            EvaluationTask(
                _split(events, basket, cut, self.days),
                lambda cut=cut: self._validation(events, basket, cut),  # type: ignore[misc]
                cut,
            )
            for cut in usable_cuts(events, self.days, self.cuts, self.end)
        ]

    def _validation(self, events: Interactions, basket: Int64Array, cut: int) -> Split:
        """Cut what lies before a cut again; a basket that goes on after it ends there."""
        older = _known(events, basket, cut)
        known = events.select(older)
        (before,) = cuts.cuts_before(cut, self.days, 1).tolist()
        return enough(_split(known, basket[older], before, self.days), known)

    def notes(self, events: Interactions, baskets: Int64Array | None = None) -> list[str]:
        """Say where the cuts are, what counts as a basket, and who had another one between."""
        notes = cut_notes(events, self.days, self.cuts, self.end)
        loose = len(events) if baskets is None else int((baskets < 0).sum())
        if loose:
            notes.append(
                f"{loose} of {len(events)} events name no basket: those of a user on one day (UTC) "
                "count as one."
            )
        basket = named_or_by_day(events, baskets)
        asked = between = 0
        for cut in usable_cuts(events, self.days, self.cuts, self.end):
            begun = _begun(events, basket, cut, self.days)
            first = np.unique(basket[begun], return_index=True)[1]
            _, counts = np.unique(events.user[begun][first], return_counts=True)
            asked, between = asked + len(counts), between + int((counts > 1).sum())
        if between:
            notes.append(
                f"{between} of {asked} last baskets came after another one of that user in the "
                "same window, which nobody knows either."
            )
        return notes


def _split(events: Interactions, basket: Int64Array, cut: int, days: int) -> Split:
    """Return what happened before a cut, and each user's last basket begun in its window."""
    begun = np.flatnonzero(_begun(events, basket, cut, days))
    user, begins = events.user[begun], _begins(events, basket)[basket[begun]]
    # Of two baskets begun at one moment the larger number, which says nothing, decides.
    order = np.lexsort((basket[begun], begins, user))
    newest = np.append(np.diff(user[order]) > 0, True) if len(order) else np.zeros(0, dtype=bool)
    last = np.isin(basket, basket[begun[order[newest]]])
    return Split(events.select(_known(events, basket, cut)), events.select(last))


def _known(events: Interactions, basket: Int64Array, cut: int) -> BoolArray:
    """Return which events happened before a cut: none without a time of a basket begun later."""
    began = _begins(events, basket)[basket]
    return np.asarray((events.at < cut) & (began < cut), dtype=np.bool_)


def _begun(events: Interactions, basket: Int64Array, cut: int, days: int) -> BoolArray:
    """Return which events are of a basket whose first event lies in the window of a cut."""
    return cuts.within(_begins(events, basket), cut, days)[basket]


def _begins(events: Interactions, basket: Int64Array) -> Int64Array:
    """Return the time of each basket's first event that has one, ``(n_baskets,)``; 0 for none."""
    never = np.iinfo(np.int64).max
    begins = np.full(int(basket.max(initial=-1)) + 1, never)
    np.minimum.at(begins, basket, np.where(events.at > 0, events.at, never))
    return np.where(begins == never, 0, begins)
