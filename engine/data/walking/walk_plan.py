"""WalkPlan: which walks are wanted; and those walks on a graph in memory, a chunk at a time."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from engine.data.adjacency import Graph
from engine.data.arrays import Int32Array
from engine.data.walking.biased_walker import BiasedWalker
from engine.data.walking.timed_walker import TimedWalker
from engine.data.walking.walk_tables import Rows, pieces
from engine.data.walking.walker import random_walks
from engine.errors import UsageError

NODES_PER_CHUNK = 500

_RANGES = {
    "per_node": (1, 1_000),
    "length": (1, 1_000),
    "p": (0.001, 1_000),
    "q": (0.001, 1_000),
    "restart": (0, 1),
    "seed": (0, 2**53),
}
_WHOLE = {"per_node", "length", "seed"}


@dataclass(frozen=True)
class WalkPlan:
    """Which walks a corpus holds.

    Attributes:
        per_node: Walks from every node, 1 to 1000.
        length: Nodes per walk, the start included, 1 to 1000.
        p: Return parameter of node2vec, 0.001 to 1000; 1 does nothing.
        q: In-out parameter of node2vec, 0.001 to 1000; 1 does nothing.
        restart: Probability of going back to the start, 0 to 1.
        weighted: Whether edges are drawn by their weights.
        in_time: Whether an edge may not be earlier than the one before.
        window: With ``in_time``: milliseconds an edge may be later than the one before, or None.
        start: Label of the nodes that walks start from; None means all.
        seed: The same seed gives the same walks on the same path.
    """

    per_node: int = 10
    length: int = 20
    p: float = 1.0
    q: float = 1.0
    restart: float = 0.0
    weighted: bool = False
    in_time: bool = False
    window: int | None = None
    start: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what is no walk.

        Raises:
            UsageError: Names the parameter.
        """
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            whole = name in _WHOLE
            if (
                isinstance(value, bool)
                or not isinstance(value, int if whole else int | float)
                or not (math.isfinite(value) and low <= value <= high)
            ):
                kind = "a whole number" if whole else "a number"
                raise UsageError(
                    f"parameter {name} must be {kind} from {low:g} up to {high:g}, not {value!r}"
                )
        if self.window is not None and not (
            self.in_time and isinstance(self.window, int) and self.window >= 0
        ):
            raise UsageError(
                f"parameter window must be milliseconds from 0 up, not {self.window!r}",
                hint="it goes with in_time only",
            )
        if self.biased and (self.restart or self.in_time):
            raise UsageError("parameters p and q go neither with restart nor with in_time")
        if self.restart and self.in_time:
            raise UsageError("parameter restart does not go with in_time")

    @property
    def biased(self) -> bool:
        """Whether a step depends on the node before."""
        return not self.p == self.q == 1


def walks_on(graph: Graph, plan: WalkPlan) -> Iterator[Int32Array]:
    """Yield the walks of a plan as ``(k, length) int32`` chunks, -1 after the end of a walk.

    Every chunk holds all walks of some nodes, which come in random order.

    Args:
        graph: Without parallel edges where the plan is biased.
        plan: Which walks. ``weighted`` and ``in_time`` need a graph that has weights or times.

    Raises:
        UsageError: The graph has no such label, weights or times.
    """
    rng = np.random.default_rng(plan.seed)
    starts = rng.permutation(start_nodes(graph, plan.start))
    walk = walker(graph, plan)
    for piece in pieces(len(starts), NODES_PER_CHUNK):
        yield walk(np.tile(starts[piece], plan.per_node), rng)


def start_nodes(graph: Graph, label: str | None) -> Int32Array:
    """Return the positions of the nodes of a label, or of all, ``int32``.

    Raises:
        UsageError: The graph has no such label.
    """
    if label is None:
        return np.arange(len(graph), dtype=np.int32)
    if label not in graph.nodes:
        known = ", ".join(graph.nodes)
        raise UsageError(f"parameter start: no label {label!r} here", hint=f"there is: {known}")
    span = graph.span(label)
    return np.arange(span.start, span.stop, dtype=np.int32)


Walker = Callable[[Int32Array, np.random.Generator], Int32Array]


def walker(graph: Graph, plan: WalkPlan) -> Walker:
    """Return what makes one walk per start, ``(k, length) int32``; its tables are built once.

    Raises:
        UsageError: The graph lacks the weights or times that the plan asks for.
    """
    if plan.weighted and graph.weights is None:
        raise UsageError("parameter weighted: the graph was taken without weights")
    weights = graph.weights if plan.weighted else None
    if plan.in_time:
        if graph.at is None:
            raise UsageError("parameter in_time: the graph was taken without times")
        timed = TimedWalker(graph.indptr, graph.indices, graph.at, weights, window=plan.window)
        return lambda starts, rng: timed.walks(starts, plan.length, rng)
    if plan.biased:
        biased = BiasedWalker(graph.indptr, graph.indices, weights, p=plan.p, q=plan.q)
        return lambda starts, rng: biased.walks(starts, plan.length, rng)
    rows = Rows.from_csr(graph.indptr, graph.indices, weights)
    return lambda starts, rng: random_walks(rows, starts, plan.length, rng, restart=plan.restart)


def reseeded(plan: WalkPlan, epoch: int) -> WalkPlan:
    """Return the same plan with other walks, for another pass over the nodes."""
    mixed = np.random.SeedSequence([plan.seed, epoch]).generate_state(1, np.uint64)[0]
    return replace(plan, seed=int(mixed >> np.uint64(11)))
