"""Put in order what may be shown: pins, boosts, damping, diversity; and blend two lists.

Pure: candidates and their traits in, a list out. Relevance is the source's score laid out between
its best (1) and its worst, which keeps the mean step between two neighbours above 0, as cosines and
counts have neither a common scale nor a common zero:

    relevance = (score - least + step) / (most - least + step) * boosts / (1 + events)^damping

Maximal marginal relevance (Carbonell, Goldstein 1998) then takes the item with the highest
lambda * relevance - (1 - lambda) * highest cosine with what is listed already, again and again.
Reciprocal rank fusion (Cormack, Clarke, Buettcher 2009): the sum of 1 / (60 + rank) over the lists.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from engine.data.arrays import Float64Array
from engine.graph.lists.question import Arrangement
from engine.graph.lists.recommendations import Recommended
from engine.graph.lists.traits import Traits

RANK_CONSTANT = 60
_Known = Mapping[str, Traits]


def by_reciprocal_rank(lists: Sequence[Sequence[Recommended]]) -> list[Recommended]:
    """Return the items of several lists, the highest sum of 1 / (60 + rank) first.

    An item stays as the list describes it in which it ranks higher; its score is that sum.
    """
    scores: dict[str, float] = {}
    best: dict[str, tuple[int, Recommended]] = {}
    for items in lists:
        for rank, item in enumerate(items, start=1):
            scores[item.id] = scores.get(item.id, 0.0) + 1.0 / (RANK_CONSTANT + rank)
            if item.id not in best or rank < best[item.id][0]:
                best[item.id] = (rank, item)
    ranked = sorted(best, key=lambda id_: (-scores[id_], id_))
    return [replace(best[id_][1], score=scores[id_]) for id_ in ranked]


def arrange(
    tiers: Sequence[Sequence[Recommended]], known: _Known, how: Arrangement, k: int
) -> list[Recommended]:
    """Return at most ``k`` items: the pins, then those of the first tier, of the second, and so on.

    Args:
        tiers: Candidates of each source, best first; an item counts where it comes first.
        known: Id to traits; what is not in it may not be shown, unless ``how`` says nothing.
        how: The arrangement; pins always have a place, and count for the others.
        k: Length.
    """
    if not how:
        return _merged(tiers)[:k]
    listing = _Listing(known, how)
    candidates = {item.id: item for item in reversed(_merged(tiers))}
    for id_ in how.pins:
        if id_ in known and id_ not in listing.ids:
            plain = Recommended(id_, known[id_].name, 0.0, "pinned")
            listing.add(replace(candidates.get(id_, plain), source="pinned"))
    for tier in tiers:
        listing.fill([item for item in tier if item.id in known], k)
    return listing.items[:k]


def relevance(items: Sequence[Recommended], known: _Known, how: Arrangement) -> list[float]:
    """Return the relevance of each item; see the module's formula."""
    if not items:
        return []
    scores = [item.score for item in items]
    least, most = min(scores), max(scores)
    step = (most - least) / max(1, len(items) - 1) or 1.0
    result = []
    for item in items:
        traits = known[item.id]
        factor = (1.0 + traits.events) ** -how.damping
        for boost in how.boosts:
            values = [item.id] if boost.trait is None else traits.values.get(boost.trait, ())
            factor *= boost.factor if boost.value in values else 1.0
        result.append((item.score - least + step) / (most - least + step) * factor)
    return result


class _Listing:
    """A list that grows: what is in it, how often each value, how like each candidate is."""

    def __init__(self, known: _Known, how: Arrangement) -> None:
        self.items: list[Recommended] = []
        self.ids: set[str] = set()
        self._known, self._how = known, how
        self._values: Counter[str] = Counter()

    def add(self, item: Recommended) -> None:
        self.items.append(item)
        self.ids.add(item.id)
        self._values.update(self._limited(item))

    def fill(self, candidates: Sequence[Recommended], k: int) -> None:
        """Add candidates until there are ``k`` or none may be added."""
        left = [item for item in candidates if item.id not in self.ids]
        worth = np.array(relevance(left, self._known, self._how))
        vectors = _unit([self._known[item.id].vector for item in left])
        share = 1.0 if self._how.mmr is None else self._how.mmr
        alike = np.zeros(len(left))
        if self._how.mmr is not None and left and self.items:
            listed = _unit([self._known[item.id].vector for item in self.items])
            if listed.shape[1] == vectors.shape[1]:
                alike = np.maximum(alike, (vectors @ listed.T).max(axis=1))
        open_ = np.ones(len(left), dtype=bool)
        while len(self.items) < k and open_.any():
            gain = np.where(open_, share * worth - (1.0 - share) * alike, -np.inf)
            at = int(np.argmax(gain))  # the first of equals: the source's own order
            open_[at] = False
            if not self._may(left[at]):
                continue
            self.add(left[at])
            if self._how.mmr is not None:
                alike = np.maximum(alike, vectors @ vectors[at])

    def _may(self, item: Recommended) -> bool:
        most = self._how.at_most
        return most is None or all(self._values[value] < most[1] for value in self._limited(item))

    def _limited(self, item: Recommended) -> Sequence[str]:
        most = self._how.at_most
        return () if most is None else self._known[item.id].values.get(most[0], ())


def _merged(tiers: Sequence[Sequence[Recommended]]) -> list[Recommended]:
    found: dict[str, Recommended] = {}
    for tier in tiers:
        for item in tier:
            found.setdefault(item.id, item)
    return list(found.values())


def _unit(vectors: Sequence[Sequence[float] | None]) -> Float64Array:
    """Return the vectors at length one, ``(n, d) float64``; zeros where there is none."""
    width = max((len(vector) for vector in vectors if vector is not None), default=0)
    rows = np.zeros((len(vectors), width))
    for row, vector in enumerate(vectors):
        if vector is not None:
            rows[row] = vector
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    result: Float64Array = rows / np.where(lengths > 0, lengths, 1.0)
    return result
