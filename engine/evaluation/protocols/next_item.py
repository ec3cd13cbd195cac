"""Next item: leave one out in order, as papers on sequences do.

Of each user the last event is the test, the one before it validation, and every item is ranked
(SASRec: Kang and McAuley 2018; BERT4Rec: Sun et al. 2019; both were judged on 100 drawn items, and
Petrov and Macdonald 2022, "A Systematic Review and Replicability Study of BERT4Rec", RecSys, say
why all must be ranked). Others' later events are learned from, as in those papers: figures of this
protocol stand beside theirs, not beside those of a cut in time.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.data.arrays import BoolArray, Int64Array
from engine.data.hashing import hash64_all, mixed
from engine.data.interactions import Interactions
from engine.data.splits import Split, no_times
from engine.errors import DataError
from engine.evaluation.protocols.evaluation_task import Draw, EvaluationTask


@dataclass(frozen=True)
class NextItemProtocol:
    """Each user's last event is to be predicted from what the user did before its moment."""

    name: ClassVar[str] = "next-item"
    cutoffs: ClassVar[tuple[int, ...]] = (10,)
    by_basket: ClassVar[bool] = False

    def settings(self) -> dict[str, Any]:
        """Return what it is called with, as plain values."""
        return {"protocol": self.name}

    def tasks(
        self, events: Interactions, draw: Draw, baskets: Int64Array | None = None
    ) -> list[EvaluationTask]:
        """Return the only task; nothing is drawn.

        Raises:
            DataError: No event has a time, or no user has events at two moments.
        """
        del draw, baskets
        parts = last_left_out(events)
        return [EvaluationTask(parts, lambda: last_left_out(parts.earlier))]

    def notes(self, events: Interactions, baskets: Int64Array | None = None) -> list[str]:
        """Say how many users' last moment has several events, of which one is asked for."""
        del baskets
        last = _last_moment(events)
        users, counts = np.unique(events.user[last], return_counts=True)
        several = int((counts > 1).sum())
        if not several:
            return []
        return [
            f"The last moment of {several} of {len(users)} users has several events: one of them, "
            "chosen by a hash of user and item, is to be predicted, and nobody knows the others."
        ]


def last_left_out(events: Interactions) -> Split:
    """Return what is left without each user's last moment, and one event of that moment.

    Events of one moment have no order, so none of them may tell of another. Who has events at one
    moment alone keeps them in the first part and is not asked.

    Args:
        events: All of them; those without a time are older than all others.

    Raises:
        DataError: No event has a time, or nobody has events at two moments.
    """
    if not (events.at > 0).any():
        raise no_times(events)
    last = _last_moment(events)
    if not last.any():
        raise DataError(
            "no user has events at two different times, so none is the next one",
            hint="load the real times, or judge by --protocol split",
        )
    chosen = np.flatnonzero(last)
    users, items = hash64_all(events.users.ids), hash64_all(events.items.ids)
    drawn = mixed(users[events.user[chosen]] ^ items[events.item[chosen]])
    order = np.lexsort((drawn, events.user[chosen]))
    first = np.append(True, np.diff(events.user[chosen][order]) > 0)
    asked = np.zeros(len(events), dtype=np.bool_)
    asked[chosen[order[first]]] = True
    return Split(events.select(~last), events.select(asked))


def _last_moment(events: Interactions) -> BoolArray:
    """Return which events are of their user's last moment, where it has an earlier one too."""
    newest = np.zeros(events.n_users, dtype=np.int64)
    np.maximum.at(newest, events.user, events.at)
    last = (events.at == newest[events.user]) & (events.at > 0)
    earlier = np.bincount(events.user[~last], minlength=events.n_users) > 0
    return np.asarray(last & earlier[events.user], dtype=np.bool_)
