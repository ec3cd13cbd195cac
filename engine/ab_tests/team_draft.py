"""Team draft: two lists are shown as one, and each item is known to be of one of them.

Radlinski, Kurup, Joachims 2008, "How Does Clickthrough Data Reflect Retrieval Quality?", CIKM: in
each round a coin decides which list picks first, and each picks its best item that is not there
yet. Every user sees both lists, so far fewer users tell them apart than a split of them would need;
what is found is a preference, not a rate: ``interleaving``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

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
