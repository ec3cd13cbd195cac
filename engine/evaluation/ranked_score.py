"""The score of two-stage lists: the ranker's candidates first, then the rest by the blend."""

from dataclasses import dataclass

import numpy as np

from engine.data.arrays import Float32Array, Float64Array, Int64Array
from engine.evaluation.ranking import UserScorer


@dataclass(frozen=True, eq=False)
class RankedCandidates:
    """Candidates of some users with their scores.

    Attributes:
        users: ``(n,) int64`` rows, sorted.
        items: ``(n,) int64`` rows.
        scores: ``(n,) float64``, compared within a user alone.
    """

    users: Int64Array
    items: Int64Array
    scores: Float64Array


def ranked_scorer(ranked: RankedCandidates, otherwise: UserScorer) -> UserScorer:
    """Return the score of lists that hold a user's candidates first, by the ranker.

    Args:
        ranked: The candidates; a user without any is served by ``otherwise`` alone.
        otherwise: Puts the rest in order.
    """
    starts = np.searchsorted(ranked.users, np.arange(int(ranked.users.max(initial=-1)) + 2))

    def score(rows: Int64Array) -> Float32Array:
        scores = otherwise(rows)
        for at, row in enumerate(rows):
            if row + 1 < len(starts) and starts[row] < starts[row + 1]:
                own = slice(starts[row], starts[row + 1])
                # Places, not scores: above everything else they are exact in float32.
                order = np.argsort(np.argsort(ranked.scores[own], kind="stable"), kind="stable")
                top = scores[at].max(initial=0.0)
                step = max(1.0, 2.0 * float(np.spacing(top)))
                scores[at, ranked.items[own]] = top + step * (1.0 + order)
        return scores

    return score
