"""Walk batches: pairs of nodes near each other on walks, and negatives by degree."""

import numpy as np

from engine.data.adjacency import Graph
from engine.data.arrays import Int32Array, Int64Array
from engine.data.walking.walk_plan import WalkPlan, start_nodes, walker
from engine.errors import DataError
from engine.models.node2vec import DeepWalkConfig, WalkedPairs
from engine.models.tensors import tensor
from engine.training import seed

_POWER = 0.75


class WalkBatches:
    """The walks of an epoch from every node, a share of the nodes at a step.

    Args:
        graph: Where walks go; edges weigh the same.
        config: Of the model: which walks, and which of their nodes make a pair.
        size: Pairs per batch, about: whole walks are taken.
        seed_: The same seed gives the same batches.

    Raises:
        DataError: The graph has no edge.
    """

    def __init__(self, graph: Graph, config: DeepWalkConfig, size: int, seed_: int) -> None:
        if not graph.n_edges:
            raise DataError("there is nothing to walk along", hint="load events first")
        self._config, self._seed = config, seed_
        p, q = config.bias
        plan = WalkPlan(length=config.length, p=p, q=q)
        self._walk = walker(graph, plan)
        starts = start_nodes(graph, "User" if config.path == "user-item" else None)
        self._starts = np.repeat(starts[graph.degree[starts] > 0], config.per_node)
        self._share = max(1, size // _pairs_per_walk(config.length, config.window))
        self._noise = _Noise(graph, of_kind=config.path == "user-item")
        self._epoch, self._order = -1, np.empty(0, dtype=np.int32)

    @property
    def steps(self) -> int:
        """Batches per epoch."""
        return -(-len(self._starts) // self._share)

    def walks(self, epoch: int, step: int) -> Int32Array:
        """Return the walks behind a batch, ``(k, length) int32``, -1 after the end of a walk."""
        if epoch != self._epoch:
            draw = seed.generator(self._seed, "starts", epoch)
            self._order, self._epoch = draw.permutation(self._starts), epoch
        starts = self._order[step * self._share : (step + 1) * self._share]
        return self._walk(starts, seed.generator(self._seed, "walks", epoch, step))

    def batch(self, epoch: int, step: int) -> WalkedPairs:
        """Return one batch; the last of an epoch may be smaller."""
        nodes, contexts = pairs(self.walks(epoch, step), self._config.window)
        draw = seed.generator(self._seed, "negatives", epoch, step)
        negatives = self._noise.draw(contexts, self._config.noise, draw)
        return WalkedPairs(*(tensor(one) for one in (nodes, contexts, negatives)))


def pairs(walks: Int32Array, window: int) -> tuple[Int64Array, Int64Array]:
    """Return every two different nodes at most ``window`` steps apart on a walk, either way."""
    nodes, contexts = [], []
    for apart in range(1, min(window, walks.shape[1] - 1) + 1):
        one, other = walks[:, :-apart].ravel(), walks[:, apart:].ravel()
        kept = (other >= 0) & (one != other)
        nodes += [one[kept], other[kept]]
        contexts += [other[kept], one[kept]]
    return np.concatenate(nodes).astype(np.int64), np.concatenate(contexts).astype(np.int64)


class _Noise:
    """Draws nodes by degree^0.75: all of them, or those of a given node's kind."""

    def __init__(self, graph: Graph, *, of_kind: bool) -> None:
        self._sums = np.concatenate([[0.0], np.cumsum(graph.degree.astype(np.float64) ** _POWER)])
        self._kinds = np.array([0, len(graph)])
        if of_kind:
            self._kinds = np.array([*graph.offsets.values(), len(graph)])

    def draw(self, beside: Int64Array, count: int, rng: np.random.Generator) -> Int64Array:
        """Return ``(len(beside), count)`` nodes; where kinds count, of the kind of ``beside``."""
        kind = np.searchsorted(self._kinds, beside, side="right") - 1
        low, high = self._sums[self._kinds[kind]], self._sums[self._kinds[kind + 1]]
        goal = low[:, None] + rng.random((len(beside), count)) * (high - low)[:, None]
        found = np.searchsorted(self._sums, goal, side="right") - 1
        # Rounding can carry a draw to the end of its kind, past the last node with an edge.
        kept: Int64Array = np.minimum(found, self._kinds[kind + 1][:, None] - 1)
        return kept


def _pairs_per_walk(length: int, window: int) -> int:
    return sum(2 * (length - apart) for apart in range(1, min(window, length - 1) + 1))
