"""Random walks whose next step depends on where the walker stands: every walker steps at once.

Uniform, weighted, with restart, and along a metapath. Walks that remember the edge they came by
are in ``biased_walker`` and ``timed_walker``.
"""

from collections.abc import Callable, Sequence

import numpy as np

from engine.data.arrays import Int32Array
from engine.data.walking.walk_tables import Rows, pieces


def random_walks(
    rows: Rows,
    starts: Int32Array,
    length: int,
    rng: np.random.Generator,
    *,
    restart: float = 0.0,
) -> Int32Array:
    """Return one walk per start, ``(len(starts), length) int32``, the start included.

    The next node is drawn among the edges of the present one by their weights. A walk that
    reaches a node without edges ends there: -1 stands in the rest of its row.

    Args:
        rows: The edges.
        starts: ``(n_walks,)`` nodes; one may stand there often.
        length: Nodes per walk.
        rng: Source of every choice.
        restart: Probability that a step leads back to the start instead; the walk still has
            ``length`` nodes (Tong et al., "Fast random walk with restart", 2006).

    Raises:
        ValueError: The length or the probability is out of range.
    """
    if not 0 <= restart <= 1:
        raise ValueError("restart must be a probability from 0 to 1")
    if rows.n_targets != len(rows):
        raise ValueError("edges must lead to the nodes they start from")

    def step(node: Int32Array, start: Int32Array, _at: int) -> Int32Array:
        reached = rows.target.take(rows.draw(node, rng))
        if restart:
            goes_back = rng.random(len(node)) < restart
            if rows.may_end:
                goes_back &= node != rows.n_targets
            reached[goes_back] = start[goes_back]
        return reached

    return _walk(step, starts, length, [rows])


def metapath_walks(
    cycle: Sequence[Rows], starts: Int32Array, length: int, rng: np.random.Generator
) -> Int32Array:
    """Return walks that take their edges from each of some tables in turn, over and over.

    With user -> item and item -> user the walk is user, item, user, … (metapath2vec: Dong et al.,
    KDD 2017). The tables may number different nodes: column t holds nodes as table t numbers them.

    Args:
        cycle: The tables; each starts from the nodes that the one before leads to.
        starts: ``(n_walks,)`` nodes of the first table.
        length: Nodes per walk.
        rng: Source of every choice.

    Raises:
        ValueError: A table does not go on where the one before ends, or the length is below 1.
    """
    if not cycle:
        raise ValueError("a metapath has at least one relation")
    for before, after in zip([cycle[-1], *cycle], cycle, strict=False):
        if before.n_targets != len(after):
            raise ValueError("a metapath goes on from the nodes that it leads to")

    def step(node: Int32Array, _start: Int32Array, at: int) -> Int32Array:
        rows = cycle[at % len(cycle)]
        return rows.target.take(rows.draw(node, rng))

    return _walk(step, starts, length, cycle)


def _walk(
    step: Callable[[Int32Array, Int32Array, int], Int32Array],
    starts: Int32Array,
    length: int,
    cycle: Sequence[Rows],
) -> Int32Array:
    """Let ``step`` move chunk after chunk of walkers, and write -1 where they are nowhere."""
    check_starts(starts, len(cycle[0]), length)
    walks = np.empty((len(starts), length), dtype=np.int32)
    may_end = any(rows.may_end for rows in cycle)
    for piece in pieces(len(starts)):
        start = starts[piece].astype(np.int32)
        # A column per step is written in one go; the walks are turned once, at the end.
        path = np.empty((length, len(start)), dtype=np.int32)
        path[0] = node = start
        for at in range(length - 1):
            node = step(node, start, at)
            path[at + 1] = node
            if may_end:
                path[at + 1][node == cycle[at % len(cycle)].n_targets] = -1
        walks[piece] = path.T
    return walks


def check_starts(starts: Int32Array, n: int, length: int) -> None:
    """Refuse starts that are no node, and walks without a node.

    Raises:
        ValueError: A start is not a node, or a walk has no node.
    """
    if length < 1:
        raise ValueError("a walk has at least one node")
    if len(starts) and (int(starts.min()) < 0 or int(starts.max()) >= n):
        raise ValueError(f"a walk starts at a node from 0 to {n - 1}")
