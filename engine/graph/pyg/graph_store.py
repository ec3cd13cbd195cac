"""Neo4jGraphStore: PyTorch Geometric's view of the edges, which stay in Neo4j."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import EdgeAttr, GraphStore
from torch_geometric.data.graph_store import EdgeLayout

from engine.data.arrays import Int32Array, Int64Array, IntArray
from engine.errors import NotFound, UsageError
from engine.graph.hop import EdgeStep
from engine.graph.pulling.edge_pages import EVENTS, Nodes, Triple, pull_nodes
from engine.graph.pulling.projection import check_triples, pull_graph
from engine.graph.pyg.connection import Connection
from engine.store.graph_client import GraphClient

EdgeType = tuple[str, str, str]
_REVERSE = "rev_"


class Neo4jGraphStore(GraphStore):  # type: ignore[misc]  # PyG ships no types
    """Edge types ``(head, relation, tail)`` and, the other way, ``(tail, rev_relation, head)``.

    Rows of a node type are its ids in sorted order. Ids and numbers of all nodes are held here;
    edges are not: whole edge types are pulled when PyG asks for their index.

    Args:
        client: The graph.
        triples: Kinds of edges.

    Raises:
        UsageError: The graph has no such label or type.
    """

    def __init__(self, client: GraphClient, triples: Sequence[Triple] = (EVENTS,)) -> None:
        super().__init__()
        check_triples(client, triples, None)
        self.connection = Connection(client)
        self._steps: dict[EdgeType, EdgeStep] = {}
        for one in triples:
            # Messages flow from source to target, so a sampler walks against the edge type.
            self._steps[one.head, one.relation, one.tail] = EdgeStep(one, outgoing=False)
            self._steps[one.tail, _REVERSE + one.relation, one.head] = EdgeStep(one, outgoing=True)
        labels = sorted({label for one in triples for label in (one.head, one.tail)})
        self._nodes: dict[str, Nodes] = {label: pull_nodes(client, label) for label in labels}
        self._numbers = {label: _numbers(nodes) for label, nodes in self._nodes.items()}

    @property
    def node_types(self) -> list[str]:
        """Labels."""
        return list(self._nodes)

    @property
    def edge_types(self) -> list[EdgeType]:
        """Edge types, the reverse ones included."""
        return list(self._steps)

    def metadata(self) -> tuple[list[str], list[EdgeType]]:
        """Return node and edge types, as ``to_hetero`` wants them."""
        return self.node_types, self.edge_types

    def num_nodes(self, node_type: str) -> int:
        """Return how many nodes there are of a type."""
        return len(self._numbers[node_type])

    def step(self, edge_type: EdgeType) -> EdgeStep:
        """Return how to walk from the targets of an edge type to its sources."""
        return self._steps[edge_type]

    def ids(self, node_type: str) -> tuple[str, ...]:
        """Return the ids of a node type, by row."""
        return self._nodes[node_type].ids.ids

    def rows_of(self, node_type: str, ids: Sequence[str]) -> Tensor:
        """Return the rows of nodes by id, ``(n,) int64``.

        Raises:
            NotFound: Names the first id that no node has.
        """
        rows = self._nodes[node_type].ids.positions(ids)
        if (rows < 0).any():
            raise NotFound(f"parameter ids: there is no {node_type} {ids[int(rows.argmin())]!r}")
        return torch.from_numpy(rows)

    def numbers(self, node_type: str, rows: Int64Array) -> Int64Array:
        """Return the server's numbers of nodes by row.

        Raises:
            UsageError: A row is beyond the last node.
        """
        known = self._numbers[node_type]
        if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < len(known):
            raise UsageError(f"rows of {node_type} go from 0 to {len(known) - 1}")
        return known[rows]

    def find(self, node_type: str, numbers: IntArray) -> Int32Array:
        """Return rows by the server's numbers; -1 for a node that is newer than this store."""
        return self._nodes[node_type].find(numbers)

    def get_all_edge_attrs(self) -> list[EdgeAttr]:
        """Return every edge type with its size, in coordinates."""
        return [
            EdgeAttr(kind, EdgeLayout.COO, size=(self.num_nodes(kind[0]), self.num_nodes(kind[2])))
            for kind in self._steps
        ]

    def _get_edge_index(self, edge_attr: EdgeAttr) -> tuple[Tensor, Tensor] | None:
        """Pull all edges of a type: 16 bytes each."""
        step = self._steps.get(edge_attr.edge_type)
        if step is None or edge_attr.layout != EdgeLayout.COO:
            return None
        graph = pull_graph(self.connection.client, [step.triple], undirected=False)
        head = np.repeat(np.arange(len(graph)), graph.degree) - graph.offsets[step.triple.head]
        tail = graph.indices.astype(np.int64) - graph.offsets[step.triple.tail]
        ends = torch.from_numpy(head), torch.from_numpy(tail)
        return ends[::-1] if step.outgoing else ends

    def _put_edge_index(self, edge_index: object, edge_attr: EdgeAttr) -> bool:
        raise UsageError("the graph store is read only", hint="engine ingest writes events")

    def _remove_edge_index(self, edge_attr: EdgeAttr) -> bool:
        raise UsageError("the graph store is read only")


def _numbers(nodes: Nodes) -> Int64Array:
    """Return the server's number of each row."""
    known = np.flatnonzero(nodes.rows >= 0)
    numbers = np.empty(len(known), dtype=np.int64)
    numbers[nodes.rows[known]] = known
    return numbers
