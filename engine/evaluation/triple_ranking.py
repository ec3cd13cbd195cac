"""Triple ranking: put every node in place of a triple's tail, then of its head; where is the true?

Filtered (Bordes et al. 2013): other nodes that also make a known triple are left out. Ties are
counted realistically: the rank is the mean of the best and the worst place that the true node can
take among its equals, so a model that says the same of everything is in the middle.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.data.arrays import Float32Array, Float64Array, Int64Array
from engine.errors import ModelError

TripleScorer = Callable[[Int64Array, Int64Array], Float32Array]
"""Two of head, relation and tail, ``(b,)`` each and in this order -> ``(b, n_nodes)``."""

_CELLS_PER_BATCH = 16_000_000
_HEAD, _RELATION, _TAIL = range(3)


@dataclass(frozen=True)
class TripleQuality:
    """Where the true nodes stand.

    Attributes:
        heads: ``(n,)`` rank of each true head, 1 the best; halves where there are ties.
        tails: ``(n,)`` of each true tail.
    """

    heads: Float64Array
    tails: Float64Array

    @property
    def ranks(self) -> Float64Array:
        """Of heads and tails, ``(2n,)``."""
        return np.concatenate((self.heads, self.tails))

    def metrics(self) -> dict[str, float]:
        """Return mean rank, mean reciprocal rank, and the shares within the first 1, 3 and 10."""
        ranks = self.ranks
        found = {"mr": float(ranks.mean()), "mrr": float((1.0 / ranks).mean())}
        return found | {f"hits@{k}": float((ranks <= k).mean()) for k in (1, 3, 10)}


def evaluate(
    asked: Int64Array, known: Int64Array, tails: TripleScorer, heads: TripleScorer, n_nodes: int
) -> TripleQuality:
    """Rank the ends of some triples.

    Args:
        asked: ``(n, 3)`` heads, relations, tails.
        known: ``(m, 3)`` all that is true: of train, validation and test.
        tails: Heads and relations to scores of every node as the tail.
        heads: Relations and tails to scores of every node as the head.
        n_nodes: How many nodes there are.

    Raises:
        ModelError: A score is not a number.
    """
    known = np.concatenate((known, asked))
    return TripleQuality(
        heads=_ranks(asked, known, (_RELATION, _TAIL, _HEAD), heads, n_nodes),
        tails=_ranks(asked, known, (_HEAD, _RELATION, _TAIL), tails, n_nodes),
    )


def _ranks(
    asked: Int64Array,
    known: Int64Array,
    columns: tuple[int, int, int],
    score: TripleScorer,
    n_nodes: int,
) -> Float64Array:
    """Return the rank of the last of ``columns``, the first two being given."""
    one, two, true = columns
    width = int(known.max(initial=0)) + 1
    keys = known[:, one] * width + known[:, two]
    order = np.argsort(keys, kind="stable")
    keys, answers = keys[order], known[order, true]
    ranks = np.empty(len(asked))
    size = max(1, _CELLS_PER_BATCH // max(1, n_nodes))
    for start in range(0, len(asked), size):
        some = asked[start : start + size]
        scores = np.array(score(some[:, one], some[:, two]))
        if not np.isfinite(scores).all():
            raise ModelError("a score is not a finite number", hint="try a smaller learning rate")
        own = scores[np.arange(len(some)), some[:, true]].copy()
        wanted = some[:, one] * width + some[:, two]
        first, last = np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, side="right")
        row = np.repeat(np.arange(len(some)), last - first)
        cell = np.arange(len(row)) - np.repeat(np.cumsum(last - first) - last, last - first)
        scores[row, answers[cell]] = -np.inf
        better = (scores > own[:, None]).sum(axis=1)
        # The true one is among the left out, so its equals are all others.
        ranks[start : start + len(some)] = 1.0 + better + (scores == own[:, None]).sum(axis=1) / 2.0
    return ranks
