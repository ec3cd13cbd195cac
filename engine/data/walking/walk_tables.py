"""Rows: a graph's edges as tables from which many walkers draw their next edge at once.

A weighted draw takes constant time by Walker's alias method, whose tables are built for all rows
in one sweep over prefix sums (Hübschle-Schneider and Sanders, "Parallel weighted random sampling",
2019).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.data.arrays import Float32Array, Int32Array, Int64Array, UInt64Array

CHUNK = 16_384
"""Walkers that step together: their few arrays stay in a core's own cache."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Edges to draw from; a node without any leads to a place called nowhere, and so does that.

    The last entry of every table is nowhere's, so that no step has to ask who has stopped.

    Attributes:
        first: ``(n + 1,) int64``, place of a node's first edge in ``target``.
        degree: ``(n + 1,) uint64``, at least 1.
        target: ``(m + 1,) int32``.
        chance: ``(m + 1,) float32``, that a draw of this place stays with it; None: all weigh the
            same.
        other: ``(m + 1,) int32``, the place taken instead.
        n_targets: What the ends are numbered below; as a target it stands for nowhere.
        may_end: Whether any node has no edge.
    """

    first: Int64Array
    degree: UInt64Array
    target: Int32Array
    chance: Float32Array | None
    other: Int32Array | None
    n_targets: int
    may_end: bool

    @classmethod
    def from_csr(
        cls,
        indptr: Int64Array,
        indices: Int32Array,
        weights: npt.NDArray[np.floating] | None = None,
        n_targets: int | None = None,
    ) -> "Rows":
        """Prepare the tables.

        Args:
            indptr: ``(n + 1,)``.
            indices: ``(m,)``.
            weights: ``(m,)``, or None where all weigh the same. A node whose edges weigh nothing
                has none.
            n_targets: Number of nodes that edges may lead to; by default as many as may walk.

        Raises:
            ValueError: A weight is negative or not finite.
        """
        first, degree = indptr[:-1].astype(np.int64), np.diff(indptr).astype(np.int64)
        chance, other, m = None, None, len(indices)
        if weights is not None:
            if not (np.isfinite(weights).all() and (weights >= 0).all()):
                raise ValueError("the weight of an edge is a number from 0 up")
            sums = np.concatenate([[0.0], np.cumsum(weights, dtype=np.float64)])
            degree[sums[indptr[1:]] - sums[indptr[:-1]] <= 0] = 0
            chance, other = alias(first, degree, weights)
        n_targets = len(degree) if n_targets is None else n_targets
        ends = degree == 0
        return cls(
            first=np.append(np.where(ends, m, first), m),
            degree=np.append(np.maximum(degree, 1), 1).astype(np.uint64),
            target=np.append(indices, n_targets).astype(np.int32),
            chance=chance,
            other=other,
            n_targets=n_targets,
            may_end=bool(ends.any()),
        )

    def __len__(self) -> int:
        return len(self.first) - 1

    def draw(self, node: Int32Array, rng: np.random.Generator) -> Int64Array:
        """Return the place of an edge of every node, drawn by weight."""
        # 32 random bits times the degree, the upper half of it: a number below the degree.
        number = bits(rng, len(node)) * self.degree.take(node)
        number >>= np.uint64(32)
        place = number.view(np.int64)
        place += self.first.take(node)
        if self.chance is None or self.other is None:
            return place
        leaves = rng.random(len(node), dtype=np.float32) >= self.chance.take(place)
        return np.where(leaves, self.other.take(place), place)


def bits(rng: np.random.Generator, n: int) -> npt.NDArray[np.uint32]:
    """Return ``n`` times 32 random bits; asking for 64 at a time is the fastest."""
    return rng.integers(0, 2**64, size=(n + 1) // 2, dtype=np.uint64).view(np.uint32)[:n]


def pieces(n: int, size: int = CHUNK) -> Iterator[slice]:
    """Cut ``n`` things into slices of at most ``size``."""
    return (slice(at, min(at + size, n)) for at in range(0, n, size))


def alias(
    first: Int64Array, degree: Int64Array, weights: npt.NDArray[np.floating]
) -> tuple[Float32Array, Int32Array]:
    """Return chance and alias of every place of every row, ``(m + 1,)`` each.

    Scaled to a mean of 1 per row, light edges lack something and heavy ones have too much. Laid
    end to end, what is lacking meets what is too much: a light place is filled by the heavy edge
    that stands there, and a heavy edge that is used up is filled by the next one.
    """
    m = len(weights)
    chance, other = np.ones(m + 1), np.arange(m + 1)
    used = degree > 0
    row = np.repeat(np.arange(len(degree)), degree)
    place = np.repeat(first - np.cumsum(degree) + degree, degree) + np.arange(len(row))
    scaled = weights[place].astype(np.float64)
    start = np.cumsum(degree)[used] - degree[used]
    if not len(start):
        return chance.astype(np.float32), other.astype(np.int32)
    mean = np.zeros(len(degree))
    mean[used] = np.add.reduceat(scaled, start) / degree[used]
    scaled /= mean[row]
    light = scaled < 1
    lacks, spare = np.cumsum(1 - scaled[light]), np.cumsum(scaled[~light] - 1)
    lights, heavies = place[light], place[~light]
    # Rounding must not carry a search into another row: every row has a heavy edge.
    last = np.cumsum(np.bincount(row[~light], minlength=len(degree))) - 1
    before = np.concatenate([[0.0], lacks[:-1]])
    helper = np.searchsorted(spare, before, side="right")
    begin = np.concatenate([[0], last[:-1] + 1])
    helper = np.clip(helper, begin[row[light]], last[row[light]])
    chance[lights], other[lights] = scaled[light], heavies[helper]
    # A heavy edge runs out inside the first light place that wants more than there is up to it.
    at = np.arange(len(heavies))
    taker = np.searchsorted(lacks, spare, side="right")
    runs_out = (at < last[row[~light]]) & (taker < len(lacks))
    runs_out[runs_out] = helper[taker[runs_out]] <= at[runs_out]
    chance[heavies[runs_out]] = np.clip(1 - (lacks[taker[runs_out]] - spare[runs_out]), 0, 1)
    other[heavies[runs_out]] = heavies[at[runs_out] + 1]
    return chance.astype(np.float32), other.astype(np.int32)
