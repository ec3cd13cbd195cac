"""Draw k of the edges of a node: the part of sampling that needs no database."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.data.arrays import Float32Array, Float64Array, Int64Array, IntArray
from engine.errors import UsageError

KINDS = ("uniform", "replacement", "weighted", "recent")


def check_kind(kind: str) -> None:
    """Refuse an unknown way to draw.

    Raises:
        UsageError: Names the parameter and what there is.
    """
    if kind not in KINDS:
        raise UsageError(
            f"parameter kind must be one of {', '.join(KINDS)}, not {kind!r}",
        )


def check_count(name: str, value: object, low: int = 1) -> None:
    """Refuse what is no whole number of at least ``low``.

    Raises:
        UsageError: Names the parameter.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise UsageError(f"parameter {name} must be a whole number from {low}, not {value!r}")


@dataclass(frozen=True, eq=False)
class NodeEdges:
    """All edges of one node.

    Attributes:
        targets: ``(d,) int64`` where they lead.
        weights: ``(d,) float32``, or None.
        at: ``(d,) int64``, or None; where there, the most recent edge comes first.
    """

    targets: Int64Array
    weights: Float32Array | None = None
    at: Int64Array | None = None

    def __len__(self) -> int:
        return len(self.targets)

    def draw(self, kind: str, k: int, rng: np.random.Generator) -> Int64Array:
        """Return the positions of the edges drawn, ``(at most k,) int64``.

        Costs O(k) for a list that was drawn from before (``weighted``: O(k log d) unless a few
        edges hold nearly all the weight).
        """
        size = len(self)
        if kind == "replacement":
            return rng.integers(size, size=k if size else 0)
        if kind == "weighted":
            return self._weighted(k, rng)
        if k >= size or kind == "recent":
            return np.arange(min(k, size))
        return rng.choice(size, k, replace=False, shuffle=False)

    @cached_property
    def _cumulative(self) -> Float64Array:
        if self.weights is None:
            return np.arange(1.0, len(self) + 1)
        return np.cumsum(np.maximum(self.weights, 0.0), dtype=np.float64)

    @cached_property
    def _possible(self) -> int:
        """How many edges have a weight."""
        return len(self) if self.weights is None else int((self.weights > 0).sum())

    def _weighted(self, k: int, rng: np.random.Generator) -> Int64Array:
        """Draw one after the other, proportional to weight; what was drawn already is passed over.

        That is drawing without replacement: given what is out, the next new one is proportional to
        the weights left.
        """
        k = min(k, self._possible)
        if k == 0:
            return np.empty(0, dtype=np.int64)
        total = self._cumulative[-1]
        tries = np.minimum(rng.random(4 * k + 16) * total, np.nextafter(total, 0.0))
        drawn = np.searchsorted(self._cumulative, tries, side="right").astype(np.int64)
        _, first = np.unique(drawn, return_index=True)
        kept = drawn[np.sort(first)[:k]]
        # Too few: the draws go on from here. Starting again would favour light edges.
        return kept if len(kept) == k else self._by_key(kept, k, rng)

    def _by_key(self, kept: Int64Array, k: int, rng: np.random.Generator) -> Int64Array:
        """Add edges by the smallest of -ln(U)/weight (Efraimidis and Spirakis 2006) up to k."""
        weights = np.ones(len(self)) if self.weights is None else self.weights.astype(np.float64)
        keys = np.full(len(self), np.inf)
        some = weights > 0
        keys[some] = rng.exponential(size=int(some.sum())) / weights[some]
        keys[kept] = np.inf
        rest = np.argsort(keys, kind="stable")[: k - len(kept)].astype(np.int64)
        return np.concatenate([kept, rest])


def sample_per_group(groups: IntArray, k: int, rng: np.random.Generator) -> Int64Array:
    """Return positions of at most k elements of each group, any k equally likely.

    Args:
        groups: ``(m,)`` group of each element, in any order.
        k: How many may stay.
        rng: Chooses.
    """
    order = np.lexsort((rng.random(len(groups)), groups))
    ordered = groups[order]
    new = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    sizes = np.diff(new, append=len(ordered))
    rank = np.arange(len(ordered)) - np.repeat(new, sizes)
    chosen: Int64Array = order[rank < k]
    return chosen
