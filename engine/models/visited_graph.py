"""VisitedGraph: the items that walks from an item visit, known items and new ones."""

import numpy as np

from engine.data.adjacency import Graph
from engine.data.arrays import Int64Array
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.data.training_graph import graph_from_training_data
from engine.data.vocabulary import Vocabulary
from engine.data.walking.visit_counts import VisitCounts, VisitPlan, visit_counts

# The graph is data, not weights: a model of any seed walks it alike.
_SEED = 0


class VisitedGraph:
    """Users, items and the visits of walks between them.

    Attributes:
        counts: Of every item; without neighbours when no walk is needed.
        degree: ``(n_items,) int64``, users who had an item.

    Args:
        events: Who had what; a pair is one edge.
        plan: Which walks; None: none.
    """

    def __init__(self, events: Interactions, plan: VisitPlan | None) -> None:
        self._plan, self._n_users, self._n_items = plan, events.n_users, events.n_items
        self._graph = graph_from_training_data(TrainingData(events))
        self.degree: Int64Array = self._graph.degree[self._graph.span("Item")]
        self.counts = self._counted(self._graph, slice(0, events.n_items))

    def unseen(
        self, count: int, edges: tuple[Int64Array, Int64Array]
    ) -> tuple[Int64Array, VisitCounts]:
        """Return degree and visits of items that are not in the graph; it stays as it is.

        Args:
            count: How many there are.
            edges: Positions among them, and rows of users who had them.
        """
        pairs = np.unique(np.stack(edges, axis=1).astype(np.int64).reshape(-1, 2), axis=0)
        degree = np.bincount(pairs[:, 0], minlength=count)
        graph = self._graph
        # New rows at the end, with edges to users: walks leave them and never come back.
        ids = Vocabulary([str(row) for row in range(self._n_items + count)])
        more = Graph(
            {"User": graph.nodes["User"], "Item": ids},
            np.concatenate([graph.indptr, graph.indptr[-1] + np.cumsum(degree)]),
            np.concatenate([graph.indices, pairs[:, 1].astype(np.int32)]),
        )
        return degree, self._counted(more, slice(self._n_items, self._n_items + count))

    def _counted(self, graph: Graph, of: slice) -> VisitCounts:
        if self._plan is None:
            n = of.stop - of.start
            return VisitCounts(np.full((n, 1), -1, np.int32), np.zeros((n, 1), np.float32))
        rng = np.random.default_rng(_SEED)
        return visit_counts(graph, rng, self._plan, of=of)
