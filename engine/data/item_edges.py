"""Graphs between items, computed: bought together, followed by, similar.

Every function keeps the best ``top`` edges of each item, best first, ties by popularity, then by
id, so the same input always gives the same edges.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from engine.data.arrays import AnyArray, Float32Array, Float64Array, Int32Array, Int64Array
from engine.data.baskets import Baskets, largest_of_each_cell
from engine.data.highest import among_best, nth_highest
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary

# Pairs that a block of items may have at once: what bounds the memory.
_PAIRS_PER_BLOCK = 8_000_000
_ROWS_PER_BLOCK = 2_048
# Scores are cut here, so that equal ones are equal however they were added up.
_DECIMALS = 12


@dataclass(frozen=True, eq=False)
class ItemEdges:
    """Edges from items to items, sorted by item, then best first.

    Attributes:
        item: ``(m,) int32`` rows of items.
        other: ``(m,) int32`` rows of items.
        values: Property to ``(m,)`` column: ``score`` always, ``count`` and others where counted.
        baskets: Baskets of at least one item, where that is what was counted.
    """

    item: Int32Array
    other: Int32Array
    values: Mapping[str, AnyArray]
    baskets: int | None = None

    def __len__(self) -> int:
        return len(self.item)


def co_occurrence(baskets: Baskets, items: Vocabulary, top: int, min_count: int) -> ItemEdges:
    """Return the items most together with each item.

    ``count`` is the number of baskets with both, ``from_baskets`` and ``to_baskets`` those with
    the one and the other; ``score`` is count / sqrt(from_baskets * to_baskets). Where kinds of
    event or their age weigh, it is the cosine of the items' columns of these weights.

    Args:
        baskets: Which items were together.
        items: Their ids.
        top: Most edges of an item.
        min_count: Pairs in fewer baskets are left out.
    """
    holds, weights = baskets.holds, baskets.weights
    even = bool(np.all(weights.data == 1.0))
    columns, heavy = holds.T.tocsr(), weights.T.tocsr()
    sizes = np.diff(holds.indptr)
    of_item = np.diff(columns.indptr)
    squares = np.asarray(weights.multiply(weights).sum(axis=0)).ravel()
    length = np.sqrt(np.where(squares > 0, squares, 1.0))
    ties = items.tie_order(of_item)
    parts = []
    for start, stop in _blocks(np.asarray(columns @ sizes).ravel()):
        count = sparse.csr_array(columns[start:stop] @ holds)
        row = np.repeat(np.arange(start, stop), np.diff(count.indptr))
        keep = (count.data >= min_count) & (row != count.indices)
        row, other, counted = row[keep], count.indices[keep], count.data[keep]
        together = counted.astype(np.float64)
        if not even:
            products = sparse.csr_array(heavy[start:stop] @ weights)
            together = _at(products, row - start, other)
        score = _score(together, length[row] * length[other])
        best = _best(row, ties[other], score, top)
        parts.append((row[best], other[best], counted[best], score[best]))
    item, other, counted, score = _joined(parts, 4)
    values = {
        "count": counted.astype(np.int64),
        "from_baskets": of_item[item].astype(np.int64),
        "to_baskets": of_item[other].astype(np.int64),
        "score": score,
    }
    used = int(np.count_nonzero(sizes))
    return ItemEdges(item.astype(np.int32), other.astype(np.int32), values, used)


def sequence(
    known: Interactions, baskets: Baskets, basket: Int64Array, top: int, window: int
) -> ItemEdges:
    """Return the items that most often come after each item.

    A user's history is a row of steps: what one basket holds, or what happened at one moment, is
    one step, as the order within is not known. Item b follows a once for every step with a that
    has b in one of the next ``window`` steps of that user, at each distance. ``score`` is the
    share of b among all that followed a: of the counts or, where kinds of event or their age weigh,
    of the largest weight of an event on b in each step.

    Args:
        known: Events; those without a time have no order and are left out.
        baskets: Items of each step.
        basket: Number of the step of each event, ``(n,) int64``.
        top: Most edges of an item.
        window: How many steps on an item still follows, 1 or more.
    """
    holds, weights, user = _steps(known, baskets, basket)
    even = bool(np.all(weights.data == 1.0))
    pairs = [np.flatnonzero(user[:-far] == user[far:]) for far in range(1, window + 1)]
    first = np.concatenate(pairs)
    far = np.repeat(np.arange(1, window + 1), [len(some) for some in pairs])
    before = holds[first].T.tocsr()
    after, heavy = holds[first + far], weights[first + far]
    ties = known.items.tie_order(known.item_counts())
    parts = []
    for start, stop in _blocks(np.asarray(before @ np.diff(after.indptr)).ravel()):
        count = sparse.csr_array(before[start:stop] @ after)
        row = np.repeat(np.arange(start, stop), np.diff(count.indptr))
        apart = row != count.indices
        row, other, counted = row[apart], count.indices[apart], count.data[apart]
        weighing = counted.astype(np.float64)
        if not even:
            weighing = _at(sparse.csr_array(before[start:stop] @ heavy), row - start, other)
        total = np.bincount(row, weighing, minlength=known.n_items)
        score = _score(weighing, np.where(total > 0, total, 1.0)[row])
        best = _best(row, ties[other], score, top)
        parts.append((row[best], other[best], counted[best], score[best]))
    item, other, counted, score = _joined(parts, 4)
    values = {"count": counted.astype(np.int64), "score": score}
    return ItemEdges(item.astype(np.int32), other.astype(np.int32), values)


def nearest(vectors: Float32Array, items: Vocabulary, top: int) -> ItemEdges:
    """Return the items whose vectors have the largest cosine with each item's, above 0.

    Args:
        vectors: ``(n_items, dim) float32``; a row of zeros has no neighbours.
        items: Their ids.
        top: Most edges of an item.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(norms > 0, norms, 1.0)
    parts = []
    for start in range(0, len(unit), _ROWS_PER_BLOCK):
        cosine = unit[start : start + _ROWS_PER_BLOCK] @ unit.T
        np.fill_diagonal(cosine[:, start:], 0.0)
        kept = min(top, cosine.shape[1])
        bar = nth_highest(cosine, kept)
        row, other = np.nonzero((cosine >= bar[:, None]) & (cosine > 0))
        score = np.round(cosine[row, other], 6).astype(np.float64)
        best = _best(row + start, items.order[other], score, top)
        parts.append(((row + start)[best], other[best], score[best]))
    item, other, score = _joined(parts, 3)
    return ItemEdges(item.astype(np.int32), other.astype(np.int32), {"score": score})


def _score(above: Float64Array, below: Float64Array) -> Float64Array:
    return np.asarray(np.round(above / below, _DECIMALS), dtype=np.float64)


def _steps(
    known: Interactions, baskets: Baskets, basket: Int64Array
) -> tuple[sparse.csr_array, sparse.csr_array, Int64Array]:
    """Return (steps x items) of ones and of weights, and each step's user, in order of time."""
    n_baskets = baskets.weights.shape[0]
    began = np.full(n_baskets, np.iinfo(np.int64).max)
    timed = known.at > 0
    np.minimum.at(began, basket[timed], known.at[timed])
    owner = np.zeros(n_baskets, dtype=np.int64)
    owner[basket] = known.user
    filled = (np.diff(baskets.weights.indptr) > 0) & (began < np.iinfo(np.int64).max)
    chosen = np.flatnonzero(filled)
    order = chosen[np.lexsort((began[chosen], owner[chosen]))]
    # Baskets of one moment are one step: nobody knows which was first.
    new = np.ones(len(order), dtype=np.int64)
    new[1:] = (np.diff(owner[order]) != 0) | (np.diff(began[order]) != 0)
    step = np.cumsum(new) - 1
    step_of = np.full(n_baskets, -1, dtype=np.int64)
    step_of[order] = step
    cells = baskets.weights.tocoo()
    kept = step_of[cells.row] >= 0
    weights = largest_of_each_cell(
        step_of[cells.row[kept]],
        cells.col[kept],
        cells.data[kept],
        (int(new.sum()), baskets.weights.shape[1]),
    )
    holds = sparse.csr_array(
        (np.ones(len(weights.data), dtype=np.int32), weights.indices, weights.indptr),
        shape=weights.shape,
    )
    return holds, weights, owner[order[new == 1]]


def _blocks(pairs: Int64Array) -> Iterator[tuple[int, int]]:
    """Cut the rows where their pairs, added up, reach what fits into memory."""
    start, held = 0, 0
    for row, more in enumerate(pairs.tolist()):
        if row > start and held + more > _PAIRS_PER_BLOCK:
            yield start, row
            start, held = row, 0
        held += more
    if start < len(pairs):
        yield start, len(pairs)


def _at(matrix: sparse.csr_array, row: AnyArray, column: AnyArray) -> Float64Array:
    """Return the cells at (row, column), 0 where there is none."""
    matrix.sort_indices()
    width = matrix.shape[1]
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    keys = rows * width + matrix.indices
    wanted = row.astype(np.int64) * width + column
    at = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
    if not len(keys):
        return np.zeros(len(wanted))
    return np.where(keys[at] == wanted, matrix.data[at], 0.0).astype(np.float64)


def _best(row: AnyArray, tie_order: AnyArray, score: Float64Array, top: int) -> Int64Array:
    """Return where the best ``top`` cells of each row are: by row, best first, then ties' order."""
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    sizes = np.diff(np.append(starts, len(row)))
    keep = np.ones(len(row), dtype=bool)
    for at, size in zip(starts[sizes > top], sizes[sizes > top], strict=True):
        cells = slice(at, at + size)
        keep[cells] = among_best(score[cells], tie_order[cells], top)
    left = np.flatnonzero(keep)
    left = left[np.lexsort((tie_order[left], -score[left], row[left]))]
    place = np.arange(len(left)) - np.searchsorted(row[left], row[left])
    return left[place < top]


def _joined(parts: Sequence[tuple[AnyArray, ...]], columns: int) -> list[AnyArray]:
    if not parts:
        return [np.empty(0) for _ in range(columns)]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]
