"""Unseen items: what a method makes of items that it never trained on.

Some items leave the training data with all their events, the catalogue too. Of every held item, a
part of its events is shown when its vector is made, and the users of the rest are to be found:
each user ranks the held items that it was not shown with.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError
from engine.evaluation.ranking import RankingTask


@dataclass(frozen=True, eq=False)
class UnseenItems:
    """Data without some items, and what is asked about those.

    Attributes:
        known: Events on the other items, renumbered; users keep theirs.
        kept: ``(n_known,)`` former rows of the known items.
        held: ``(n_held,)`` former rows of the items held out.
        shown: Positions among the held items, and the users who are known to have had them.
        question: Each user is to find the held items that it had; columns are held items.
    """

    known: Interactions
    kept: Int64Array
    held: Int64Array
    shown: tuple[Int64Array, Int64Array]
    question: RankingTask


def hold_out(
    events: Interactions, share: float, shown: float, generator: np.random.Generator
) -> UnseenItems:
    """Take items out of the data.

    Args:
        events: All of them.
        share: Of the items that have an event, 0 to 1.
        shown: Of the pairs (user, held item), 0 to 1; 0: the items come without an event.
        generator: Draws both.

    Raises:
        DataError: Nothing is left to train on, or nothing to find.
    """
    present = np.flatnonzero(events.item_counts() > 0)
    held = np.sort(generator.choice(present, round(len(present) * share), replace=False))
    is_held = np.zeros(events.n_items, dtype=np.bool_)
    is_held[held] = True
    kept = np.flatnonzero(~is_held)
    known = _renumbered(events.select(~is_held[events.item]), kept)
    pairs = events.select(is_held[events.item]).csr(binary=True).tocoo()
    user, item = pairs.row.astype(np.int64), np.searchsorted(held, pairs.col)
    is_shown = generator.random(len(user)) < shown
    trained = np.bincount(known.user, minlength=known.n_users) > 0
    asked = ~is_shown & trained[user]
    if not len(known) or not asked.any():
        raise DataError(
            "holding items out leaves nothing to train on, or nothing to find",
            hint="hold out another share of the items",
        )
    shape = (events.n_users, len(held))
    relevant = _pattern(user[asked], item[asked], shape)
    question = RankingTask(
        users=np.flatnonzero(np.diff(relevant.indptr) > 0).astype(np.int64),
        relevant=relevant,
        hidden=_pattern(user[is_shown], item[is_shown], shape),
        n_items=len(held),
        never=np.zeros(len(held), dtype=np.bool_),
        tie_order=Vocabulary([events.items.ids[row] for row in held.tolist()]).tie_order(
            np.bincount(item[is_shown], minlength=len(held))
        ),
    )
    return UnseenItems(known, kept, held, (item[is_shown], user[is_shown]), question)


def popularity(data: UnseenItems) -> Float32Array:
    """Return the shown events of every held item, ``(n_held,) float32``."""
    return np.bincount(data.shown[0], minlength=len(data.held)).astype(np.float32)


def by_attributes(data: UnseenItems, features: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Return users as means of their items' features, and the held items' own, of unit length.

    Args:
        data: As ``hold_out`` made it.
        features: ``(n_items, f)`` of all items, in their former rows.
    """
    unit = _unit(features)
    had = data.known.csr(binary=True)
    return _unit(np.asarray(had @ unit[data.kept])), unit[data.held]


def _renumbered(events: Interactions, kept: Int64Array) -> Interactions:
    ids = Vocabulary([events.items.ids[row] for row in kept.tolist()])
    return replace(events, items=ids, item=np.searchsorted(kept, events.item).astype(np.int32))


def _pattern(row: Int64Array, column: Int64Array, shape: tuple[int, int]) -> sparse.csr_array:
    cells = (np.ones(len(row), dtype=np.float32), (row, column))
    matrix = sparse.csr_array(cells, shape=shape)
    matrix.sort_indices()
    return matrix


def _unit(rows: Float32Array) -> Float32Array:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Float32Array = (rows / np.where(length > 0, length, 1.0)).astype(np.float32)
    return unit
