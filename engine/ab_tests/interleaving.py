"""Interleaving: two lists are shown as one, and whose items people choose is counted.

Team draft (Radlinski, Kurup, Joachims 2008, "How Does Clickthrough Data Reflect Retrieval
Quality?", CIKM): in each round a coin decides which list picks first, and each picks its best item
that is not there yet. Every user sees both lists, so far fewer users tell them apart than a split
of them would need; what is found is a preference, not a rate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from engine.data.arrays import Float64Array

Team = Literal["a", "b"]


@dataclass(frozen=True)
class DraftedItem:
    """An item of an interleaved list and the list that picked it."""

    item: str
    team: Team


def team_draft(
    a: Sequence[str], b: Sequence[str], k: int, generator: np.random.Generator
) -> list[DraftedItem]:
    """Return up to ``k`` items of two lists, each of them once.

    Args:
        a: Ids, best first.
        b: Ids, best first.
        k: How many are shown.
        generator: Throws the coins.
    """
    left: Mapping[Team, list[str]] = {"a": list(reversed(a)), "b": list(reversed(b))}
    drafted: dict[str, DraftedItem] = {}
    while len(drafted) < k and (left["a"] or left["b"]):
        order: tuple[Team, Team] = ("a", "b") if generator.random() < 0.5 else ("b", "a")
        for team in order:
            while left[team] and left[team][-1] in drafted:
                left[team].pop()
            if left[team] and len(drafted) < k:
                item = left[team].pop()
                drafted[item] = DraftedItem(item, team)
    return list(drafted.values())


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
    if for_a + for_b == 0:
        return Preference(0, 0, ties, 0.5, 0.0, 1.0, 1.0)
    found = stats.binomtest(for_b, for_a + for_b)
    interval = found.proportion_ci(confidence, method="wilson")
    share = (for_b + ties / 2.0) / (for_a + for_b + ties)
    return Preference(
        for_a, for_b, ties, share, float(interval.low), float(interval.high), float(found.pvalue)
    )
