"""Item to item: does the list beside an item hold what the same person took next?

Every pair (query, positive) asks for the rank R of the positive among all known items by the
query's scores, the query itself left out. Hit-rate is the share of R <= k, scaled MRR the mean of
1 / ⌈R / step⌉, as in PinSage (Ying et al. 2018, section 4.1), where k = 500 and step = 100. May
import: nothing of the engine.
"""

from dataclasses import dataclass

import numpy as np

from engine.data.arrays import BoolArray, Float32Array, Int64Array

_CELLS_PER_BATCH = 16_000_000
_STEPS_PER_CUT = 5


@dataclass(frozen=True)
class PairQuality:
    """How well pairs were found: the hit-rate at ``k``, and MRR scaled by ``step``."""

    hit_rate: float
    mrr: float


def cutoff_of(n_items: int, share: float) -> tuple[int, int]:
    """Return k, that share of a catalogue, and the step of the scaled MRR, a fifth of it."""
    k = max(1, round(n_items * share))
    return k, max(1, round(k / _STEPS_PER_CUT))


def ranks(
    items: Float32Array,
    known: BoolArray,
    pairs: tuple[Int64Array, Int64Array],
) -> Int64Array:
    """Return the rank of every pair's positive, ``(n,) int64``, from 1; ties count half.

    Args:
        items: ``(n_items, d)``, compared by inner product.
        known: ``(n_items,)``, true where an item may be listed.
        pairs: Queries and positives.
    """
    found = np.empty(len(pairs[0]), dtype=np.int64)
    size = max(1, _CELLS_PER_BATCH // len(items))
    for start in range(0, len(found), size):
        query, positive = (one[start : start + size] for one in pairs)
        scores = items[query] @ items.T
        scores[:, ~known] = -np.inf
        own = scores[np.arange(len(query)), positive][:, None].copy()
        scores[np.arange(len(query)), query] = -np.inf
        better = (scores > own).sum(axis=1)
        # The positive ties with itself.
        level = (scores == own).sum(axis=1) - 1
        found[start : start + size] = 1 + better + level // 2
    return found


def measure(ranks: Int64Array, n_items: int, share: float) -> PairQuality:
    """Return hit-rate and scaled MRR.

    Args:
        ranks: Of the positives, from 1.
        n_items: Items that may be listed.
        share: k as a share of them.
    """
    k, step = cutoff_of(n_items, share)
    return PairQuality(float((ranks <= k).mean()), float((1.0 / np.ceil(ranks / step)).mean()))
