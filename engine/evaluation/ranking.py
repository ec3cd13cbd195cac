"""The ranking protocol: every item is ranked for every user with something to find.

A user counts when it has training events and a relevant item; an item counts as relevant when it
has training events. With seen items excluded, what the user trained on is neither listed nor
relevant. Items of one score are listed by their number of training events, then by id.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from engine.data.arrays import BoolArray, Float32Array, Float64Array, Int64Array
from engine.data.highest import among_best, nth_highest
from engine.data.interactions import Interactions
from engine.evaluation import metrics

UserScorer = Callable[[Int64Array], Float32Array]
"""User rows ``(b,)`` -> scores ``(b, n_items) float32``, a fresh array the caller may change."""

MOST_USERS = 600
_CELLS_PER_BATCH = 4_000_000
_MANY_CELLS = 2_048
_BLOCK = 64
"""Columns whose largest score is found together."""


@dataclass(frozen=True)
class RankingTask:
    """Who is asked and what is right.

    Attributes:
        users: User rows ``(n,)`` in ascending order.
        relevant: ``(n_users, n_items)`` pattern of right answers.
        hidden: ``(n_users, n_items)`` pattern of items never listed, or None.
        never: ``(n_items,)``, true for an item that is listed to nobody.
        tie_order: ``(n_items,) int64``; of two items of one score the smaller number comes first.
    """

    users: Int64Array
    relevant: sparse.csr_array
    hidden: sparse.csr_array | None
    n_items: int
    never: BoolArray
    tie_order: Int64Array


@dataclass(frozen=True)
class RankingQuality:
    """What a ranking is worth.

    Attributes:
        per_user: Metric name, such as ``ndcg@20``, to one value per user of the task.
        means: The same averaged, with ``coverage@k``.
    """

    per_user: dict[str, Float64Array]
    means: dict[str, float] = field(default_factory=dict)


def task(train: Interactions, test: Interactions, *, include_seen: bool) -> RankingTask:
    """Build the question: predict ``test`` knowing ``train``."""
    seen = train.csr(binary=True)
    known_users = np.diff(seen.indptr) > 0
    known_items = train.item_counts() > 0
    keep = known_users[test.user] & known_items[test.item]
    relevant = test.select(keep).csr(binary=True)
    if not include_seen:
        relevant = sparse.csr_array(relevant - relevant.multiply(seen))
        relevant.eliminate_zeros()
    relevant.sort_indices()
    users = np.flatnonzero(np.diff(relevant.indptr) > 0).astype(np.int64)
    return RankingTask(
        users,
        relevant,
        None if include_seen else seen,
        train.n_items,
        ~known_items,
        train.items.tie_order(train.item_counts()),
    )


def both_kinds(train: Interactions, test: Interactions) -> dict[bool, RankingTask]:
    """Return the question without seen items under False and, where it differs, with them.

    A question that no user is asked is left out.
    """
    asked = {seen: task(train, test, include_seen=seen) for seen in (False, True)}
    if asked[False].relevant.nnz == asked[True].relevant.nnz:
        del asked[True]  # nobody comes back to an item: lists with seen ones answer nothing
    return {seen: question for seen, question in asked.items() if len(question.users)}


def thinned(question: RankingTask, most: int = MOST_USERS) -> RankingTask:
    """Keep at most so many users, evenly spread: ``MOST_USERS`` are enough to choose by."""
    step = -(-len(question.users) // most) or 1
    return replace(question, users=question.users[::step])


def top(question: RankingTask, score: UserScorer, k: int) -> Int64Array:
    """Return the best ``k`` items of each user of the task, ``(n, k)``; -1 fills short lists."""
    k = min(k, question.n_items)
    lists = np.full((len(question.users), k), -1, dtype=np.int64)
    # Added and not copied where it counts: a fifth of the time.
    out = np.where(question.never, np.float32(-np.inf), np.float32(0.0))
    size = max(1, _CELLS_PER_BATCH // max(1, question.n_items))
    for start in range(0, len(question.users), size):
        rows = question.users[start : start + size]
        scores = score(rows)
        np.add(scores, out, out=scores)
        if question.hidden is not None:
            row, column = _cells(question.hidden, rows)
            scores[row, column] = -np.inf
        lists[start : start + len(rows)] = best(scores, k, question.tie_order)
    return lists


def best(scores: Float32Array, k: int, tie_order: Int64Array) -> Int64Array:
    """Return the columns of the ``k`` best scores, best first.

    A score of -inf is never listed; -1 fills its place.

    Args:
        scores: ``(n, n_columns)``.
        k: Columns of each row.
        tie_order: ``(n_columns,)``; in a tie the column of the smaller number comes first.
    """
    row, column = _with_few_ties(scores, _at_least_the_kth(scores, k), k, tie_order)
    value = scores[row, column]
    order = np.lexsort((tie_order[column], -value, row))
    row, column, value = row[order], column[order], value[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row, side="left")
    lists = np.full((len(scores), k), -1, dtype=np.int64)
    keep = (rank < k) & np.isfinite(value)
    lists[row[keep], rank[keep]] = column[keep]
    return lists


def _at_least_the_kth(scores: Float32Array, k: int) -> tuple[Int64Array, Int64Array]:
    """Return row and column of cells that hold every one of a row's ``k`` best and few others.

    Columns are looked at in blocks: of the blocks with the ``k`` largest maxima each holds a cell
    as large as the smallest of these, so no smaller cell is among the best, and no other block
    holds a larger one. One pass finds the maxima; partitions of whole rows take longer. A block is
    every ``n_blocks``-th column, so that the pass compares long rows and not 64 cells at a time.
    """
    n_rows, n_columns = scores.shape
    n_blocks = n_columns // _BLOCK
    if n_blocks <= k:
        row, column = np.nonzero(scores > -np.inf)
        return row, column
    whole = scores[:, : n_blocks * _BLOCK].reshape(n_rows, _BLOCK, n_blocks)
    most = whole.max(axis=1)
    least = nth_highest(most, k)
    row, block = np.nonzero(most >= least[:, None])
    inside = whole[row, :, block]
    chosen, place = np.nonzero((inside >= least[row, None]) & (inside > -np.inf))
    rest_row, rest = np.nonzero(scores[:, n_blocks * _BLOCK :] >= least[:, None])
    return (
        np.concatenate((row[chosen], rest_row)),
        np.concatenate((place * n_blocks + block[chosen], rest + n_blocks * _BLOCK)),
    )


def _with_few_ties(
    scores: Float32Array, cells: tuple[Int64Array, Int64Array], k: int, tie_order: Int64Array
) -> tuple[Int64Array, Int64Array]:
    """Leave out cells that tie with a row's ``k``-th best and come behind it.

    Where a method cannot tell items apart, such as all that a user never had, these are nearly all
    of its cells, and sorting them would take ten times what looking for them does.
    """
    row, column = cells
    counts = np.bincount(row, minlength=len(scores))
    many = np.flatnonzero(counts > _MANY_CELLS)
    if not len(many):
        return cells
    few = counts[row] <= _MANY_CELLS
    rows, columns = [row[few]], [column[few]]
    order, ends = np.argsort(row, kind="stable"), counts.cumsum()
    for one in many.tolist():
        some = column[order[ends[one] - counts[one] : ends[one]]]
        best_of_row = some[among_best(scores[one, some], tie_order[some], k)]
        columns.append(best_of_row)
        rows.append(np.full(len(best_of_row), one))
    return np.concatenate(rows), np.concatenate(columns)


def measure(
    question: RankingTask, lists: Int64Array, cutoffs: tuple[int, ...] = (10, 20)
) -> RankingQuality:
    """Return every metric at every cutoff."""
    hits_all = hits(question, lists)
    n_relevant = np.diff(question.relevant.indptr)[question.users].astype(np.int64)
    per_user: dict[str, Float64Array] = {}
    means: dict[str, float] = {}
    for k in cutoffs:
        for name, metric in metrics.METRICS.items():
            values = metric(hits_all[:, :k], n_relevant)
            per_user[f"{name}@{k}"] = values
            means[f"{name}@{k}"] = float(values.mean()) if len(values) else 0.0
        means[f"coverage@{k}"] = metrics.coverage(lists[:, :k], question.n_items)
    return RankingQuality(per_user, means)


def hits(question: RankingTask, lists: Int64Array) -> BoolArray:
    """Return true where the listed item is relevant, the shape of ``lists``."""
    row, column = _cells(question.relevant, question.users)
    key = row * (question.n_items + 1) + column
    asked = np.arange(len(lists))[:, None] * (question.n_items + 1) + lists
    return np.isin(asked, key) & (lists >= 0)


def evaluate(
    question: RankingTask, score: UserScorer, cutoffs: tuple[int, ...] = (10, 20)
) -> RankingQuality:
    """Rank everything with ``score`` and measure it."""
    return measure(question, top(question, score, max(cutoffs)), cutoffs)


def _cells(matrix: sparse.csr_array, rows: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Return (position in ``rows``, column) of every stored cell of those rows."""
    lengths = np.diff(matrix.indptr)[rows]
    position = np.repeat(np.arange(len(rows)), lengths)
    ends = np.cumsum(lengths)
    offset = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - lengths, lengths)
    cells = matrix.indptr[rows][position] + offset
    return position, matrix.indices[cells].astype(np.int64)
