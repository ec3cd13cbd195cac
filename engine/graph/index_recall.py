"""How near an index comes to a model's own ranking: plain NumPy, nothing of a database."""

from collections.abc import Sequence

import numpy as np

from engine.data.arrays import Float32Array, Int64Array

_CHUNK = 256


def unit(vectors: Float32Array) -> Float32Array:
    """Return the vectors at length one; zeros stay zeros."""
    with np.errstate(over="ignore"):
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Float32Array = (vectors / np.where(norms > 0, norms, 1.0)).astype(np.float32)
    # A square beyond four bytes is infinite, or nothing: those few are measured with eight.
    lost = np.flatnonzero(~np.isfinite(norms) | (norms == 0))
    if len(lost):
        longer = vectors[lost].astype(np.float64)
        norms = np.linalg.norm(longer, axis=1, keepdims=True)
        result[lost] = longer / np.where(norms > 0, norms, 1.0)
    return result


def reduce_dot_to_cosine(
    queries: Float32Array, items: Float32Array
) -> tuple[Float32Array, Float32Array, float]:
    """Return vectors whose cosine ranks as the dot product of the given ones, and the scale M.

    Items get one more number, sqrt(M^2 - |x|^2) with M the longest item, so that all have length
    M; queries get 0. Then q·x = cosine * |q| * M, exactly.
    """
    squares = np.sum(items.astype(np.float64) ** 2, axis=1)
    longest = float(squares.max(initial=0.0))
    rest = np.sqrt(np.maximum(longest - squares, 0.0))
    # An item of zeros says nothing; the extra number alone would put it into the index.
    rest[squares == 0] = 0.0
    longer_items = np.column_stack([items, rest]).astype(np.float32)
    longer_queries = np.column_stack([queries, np.zeros(len(queries))]).astype(np.float32)
    return longer_queries, longer_items, float(np.sqrt(longest))


def exact_top(
    queries: Float32Array, items: Float32Array, bonus: Float32Array, k: int
) -> Int64Array:
    """Return the rows of the k items with the highest q·x + bonus, ``(n, k) int64``, best first."""
    k = min(k, len(items))
    found = np.empty((len(queries), k), dtype=np.int64)
    for start in range(0, len(queries), _CHUNK):
        scores = queries[start : start + _CHUNK] @ items.T + bonus[None, :]
        top = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1, kind="stable")
        found[start : start + _CHUNK] = np.take_along_axis(top, order, axis=1)
    return found


def served_top(
    query: Float32Array, items: Float32Array, bonus: Float32Array, candidates: Sequence[int], k: int
) -> list[int]:
    """Return the k best of some candidates by q·x + bonus, as the serving query re-ranks them."""
    rows = np.unique(np.asarray(candidates, dtype=np.int64))
    scores = items[rows] @ query + bonus[rows]
    return [int(row) for row in rows[np.argsort(-scores, kind="stable")[:k]]]


def overlap(truth: Int64Array, served: Sequence[Sequence[int]]) -> float:
    """Return the mean share of each true list that was served; 1 where there is nothing to serve.

    Order within the list does not count.
    """
    if truth.size == 0:
        return 1.0
    shares = [
        len(set(own.tolist()) & set(got)) / len(own) for own, got in zip(truth, served, strict=True)
    ]
    return float(np.mean(shares))
