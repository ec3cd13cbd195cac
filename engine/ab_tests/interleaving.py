"""Interleaving: two lists were shown as one, and whose items people chose is counted.

The lists are made by ``team_draft``, whose paper says why that is fair.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from engine.data.arrays import Float64Array


@dataclass(frozen=True)
class Preference:
    """Which of two lists users chose more from.

    Attributes:
        for_a, for_b: Users who chose more items of one list than of the other.
        ties: Users who chose as many of each, and at least one.
        preference: Share of users for ``b``, ties as halves; 0.5 where there is no difference.
        low, high: Wilson's interval of the share for ``b`` among those who are no tie.
        p: Of the sign test.
    """

    for_a: int
    for_b: int
    ties: int
    preference: float
    low: float
    high: float
    p: float


def preference(
    credit_a: Float64Array, credit_b: Float64Array, confidence: float = 0.95
) -> Preference:
    """Compare what each user chose of the two lists; users who chose nothing do not count.

    Args:
        credit_a: ``(n_users,)``, items of the first list that the user chose, over all lists shown.
        credit_b: ``(n_users,)``, of the second.
        confidence: Of the interval.
    """
    for_a, for_b = int(np.sum(credit_a > credit_b)), int(np.sum(credit_b > credit_a))
    ties = int(np.sum((credit_a == credit_b) & (credit_a > 0)))
    return preference_of(for_a, for_b, ties, confidence)


def preference_of(for_a: int, for_b: int, ties: int, confidence: float = 0.95) -> Preference:
    """Return the preference of users who are counted already.

    Args:
        for_a: Who chose more of the first list.
        for_b: Who chose more of the second.
        ties: Who chose as many of each, and at least one.
        confidence: Of the interval.
    """
    if for_a + for_b == 0:
        return Preference(0, 0, ties, 0.5, 0.0, 1.0, 1.0)
    found = stats.binomtest(for_b, for_a + for_b)
    interval = found.proportion_ci(confidence, method="wilson")
    share = (for_b + ties / 2.0) / (for_a + for_b + ties)
    return Preference(
        for_a, for_b, ties, share, float(interval.low), float(interval.high), float(found.pvalue)
    )
