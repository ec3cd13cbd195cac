"""Item-item filters: a list is two hops, from a user to the own items and on to their neighbours.

score(u, i) = Σ_j p_uj W_ji, j the items of u. A profile p_u has one number for each own item: the
confidence of the pair, halved for every ``profile_half_life_days`` since its newest event, and all
of them divided by their sum. W is a sparse matrix of weighted edges from item to item: of each item
the strongest are kept, and none leads back to itself; a list adds up a bounded number of them
(``edge_sums.py``). New events count at once, as nothing of a user is stored.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any, Protocol, runtime_checkable

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_info, threadpool_limits

from engine.data import signals
from engine.data.arrays import Float32Array, Float64Array, Int64Array
from engine.data.highest import nth_highest, nth_highest_of_rows
from engine.data.interactions import Interactions
from engine.data.model_options import option
from engine.models.confidence import ConfidenceConfig, confidences, learned_from
from engine.models.encoder import Embeddings
from engine.models.registry_entries import ItemScorer

_ITEMS_PER_BLOCK = 128
_THREADS = 2
_ROUNDING = np.float32(1e-6)
"""Of a row's largest cell: what is smaller joins nothing, it is what float32 left of a zero."""


@dataclass(frozen=True)
class FilterConfig(ConfidenceConfig):
    """Settings of how a filter is kept, and of what it is given of a user."""

    edges: int = option(
        200, "strongest edges kept of each item, where lists are served", low=1, high=1_000
    )
    list_edges: int = option(
        20_000,
        "edges that a list adds up: of who has many own items, the strongest of each",
        low=50,
    )
    profile_items: int = option(
        100, "own items in a profile: those with the highest p, of level ones the newest", low=1
    )
    profile_half_life_days: float = option(
        -1.0,
        "days until an own item counts half in a profile; 0: age does not matter; -1: chosen on "
        "validation where lists are served, elsewhere as 0",
        low=-1,
    )


def config_of(settings: Mapping[str, Any]) -> FilterConfig:
    """Return what of the settings of a run says how profiles are made."""
    names = (one.name for one in fields(FilterConfig))
    return FilterConfig(**{name: settings[name] for name in names if name in settings})


@runtime_checkable
class WithEdges(ItemScorer, Protocol):
    """A finished method that is a matrix of items by items."""

    def item_edges(self, most: int) -> sparse.csr_array:
        """Return the ``most`` cells farthest from 0 of each row, ``(n_items, n_items) float32``.

        The diagonal is left out: no item leads to itself.
        """


def own_items(known: Interactions, config: ConfidenceConfig) -> sparse.csr_array:
    """Return p of every user before it is divided by its sum, ``(n_users, n_items) float32``."""
    return _aged(learned_from(known, config), config).astype(np.float32)


def profiles(known: Interactions, config: FilterConfig) -> sparse.csr_array:
    """Return p of every user, ``(n_users, n_items) float32``; rows that are not empty sum to 1."""
    events = learned_from(known, config)
    own = _longest(_aged(events, config), events, config.profile_items)
    total = np.asarray(own.sum(axis=1, dtype=np.float64)).ravel()
    return _divided_rows(own, np.where(total > 0, total, 1.0))


def served(edges: sparse.csr_array, known: Interactions, config: FilterConfig) -> Embeddings:
    """Return a filter as it serves: its edges, what users have by now, and the bound of a list."""
    return Embeddings(
        users=np.zeros((known.n_users, 0), dtype=np.float32),
        items=np.zeros((known.n_items, 0), dtype=np.float32),
        edges=edges,
        profiles=profiles(known, config),
        list_edges=config.list_edges,
    )


def scaled(edges: sparse.csr_array) -> sparse.csr_array:
    """Return edges divided by the mean of each item's strongest: weights of all filters are alike.

    What stands beside them, popularity and repeats, is weighed on one scale.
    """
    highest = edges.max(axis=1).toarray().ravel()
    mean = float(highest[highest > 0].mean()) if (highest > 0).any() else 1.0
    return sparse.csr_array(
        (edges.data / np.float32(mean), edges.indices, edges.indptr), edges.shape
    )


def strongest(
    block: Float32Array | sparse.csr_array, first_item: int, most: int
) -> sparse.csr_array:
    """Return the ``most`` cells farthest from 0 of each row, without the diagonal.

    Of cells that are level those of smaller columns stay. What is nothing but rounding beside the
    row's largest cell, the diagonal included, is no edge.

    Args:
        block: ``(b, n_items)``, rows of the items from ``first_item`` on.
        first_item: Row of the first item.
        most: Cells kept of a row.
    """
    if isinstance(block, sparse.csr_array):
        row, column, value = _large_of_sparse(block, first_item, most)
    else:
        row, column, value = _large_of_dense(block, first_item, most)
    order = np.lexsort((column, -np.abs(value), row))
    kept = np.sort(order[np.arange(len(row)) - np.searchsorted(row, row) < most])
    return sparse.csr_array((value[kept], (row[kept], column[kept])), shape=block.shape)


def by_blocks(
    n_items: int, rows_of: Callable[[slice], Float32Array | sparse.csr_array], most: int
) -> sparse.csr_array:
    """Return the strongest cells of a matrix that is made some rows at a time.

    Args:
        n_items: Number of rows.
        rows_of: Makes the rows of a slice, ``(b, n_items) float32``. Called from threads.
        most: Cells kept of a row.
    """

    def block(rows: slice) -> sparse.csr_array:
        return strongest(rows_of(rows), rows.start, most)

    # Products have threads of their own, and more threads than processors wait for each other.
    of_blas = (one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")
    of_each = max(1, max(of_blas, default=1) // _THREADS)
    with threadpool_limits(of_each, "blas"), ThreadPoolExecutor(_THREADS) as pool:
        return sparse.csr_array(sparse.vstack(list(pool.map(block, _blocks(n_items))), "csr"))


def _large_of_dense(
    block: Float32Array, first_item: int, most: int
) -> tuple[Int64Array, Int64Array, Float32Array]:
    """Return row, column and value of cells that hold every one of the strongest."""
    rows = np.arange(len(block))
    size = np.abs(block)
    least = _least_edge(size.max(axis=1))
    size[rows, first_item + rows] = 0.0
    if most < block.shape[1]:
        least = np.maximum(nth_highest(size, most), least)
    row, column = np.nonzero(size >= least[:, None])
    return row, column, block[row, column]


def _large_of_sparse(
    block: sparse.csr_array, first_item: int, most: int
) -> tuple[Int64Array, Int64Array, Float32Array]:
    filled = np.flatnonzero(np.diff(block.indptr))
    row = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
    size = np.abs(block.data)
    largest = np.zeros(block.shape[0], dtype=np.float32)
    if len(filled):
        # Not by max() of the matrix, which would sort columns that block's values go by.
        largest[filled] = np.maximum.reduceat(size, block.indptr[filled])
    size[block.indices == first_item + row] = 0.0
    least = np.maximum(nth_highest_of_rows(size, block.indptr, most), _least_edge(largest))
    large = size >= least[row]
    return row[large], block.indices[large], block.data[large]


def _least_edge(largest: Float32Array) -> Float32Array:
    """Return the size from which on a cell is an edge, by the largest of its row."""
    least: Float32Array = np.maximum(_ROUNDING * largest, np.finfo(np.float32).tiny)
    return least


def _blocks(n_items: int) -> Iterator[slice]:
    for start in range(0, n_items, _ITEMS_PER_BLOCK):
        yield slice(start, min(start + _ITEMS_PER_BLOCK, n_items))


def _aged(events: Interactions, config: ConfidenceConfig) -> sparse.csr_array:
    """Return p in 64 bits: of who did nothing for years it is less than 32 can hold."""
    own = confidences(events, config)
    if isinstance(config, FilterConfig) and config.profile_half_life_days > 0:
        fresh = signals.freshness(events, config.profile_half_life_days)
        weights = own.data * _highest(own, events, fresh)
        own = sparse.csr_array((weights, own.indices, own.indptr), own.shape)
    return own


def _longest(own: sparse.csr_array, known: Interactions, most: int) -> sparse.csr_array:
    """Return the highest cells of each row, as many as a profile has at most."""
    counts = np.diff(own.indptr)
    if counts.max(initial=0) <= most:
        return own
    row = np.repeat(np.arange(own.shape[0]), counts)
    latest = _highest(own, known, known.at)
    order = np.lexsort((known.items.order[own.indices], -latest, -own.data, row))
    rank = np.arange(own.nnz) - np.repeat(own.indptr[:-1], counts)
    kept = np.sort(order[rank < most])
    return sparse.csr_array((own.data[kept], (row[kept], own.indices[kept])), shape=own.shape)


def _highest(own: sparse.csr_array, events: Interactions, values: Any) -> Any:
    """Return the highest value of the events of each cell's pair, ``(nnz,)``."""
    pairs = events.user.astype(np.int64) * events.n_items + events.item
    order = np.lexsort((values, pairs))
    last = np.append(np.diff(pairs[order]) != 0, len(order) > 0)[: len(order)]
    row = np.repeat(np.arange(own.shape[0], dtype=np.int64), np.diff(own.indptr))
    place = np.searchsorted(pairs[order][last], row * events.n_items + own.indices)
    return values[order][last][place]


def _divided_rows(matrix: sparse.csr_array, by: Float64Array) -> sparse.csr_array:
    # Not by a factor: of the smallest sums 1 / sum is infinite.
    data = matrix.data / np.repeat(by, np.diff(matrix.indptr))
    return sparse.csr_array((data.astype(np.float32), matrix.indices, matrix.indptr), matrix.shape)
