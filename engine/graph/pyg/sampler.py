"""Neo4jSampler: PyTorch Geometric's ``NodeLoader`` and ``LinkLoader`` on subgraphs out of Neo4j."""

import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.sampler import (
    BaseSampler,
    EdgeSamplerInput,
    HeteroSamplerOutput,
    NegativeSampling,
    NodeSamplerInput,
)
from torch_geometric.sampler.neighbor_sampler import edge_sample, node_sample

from engine.data.arrays import Int64Array
from engine.data.edge_sampling import check_count
from engine.errors import UsageError
from engine.graph.hop import EdgeSampling
from engine.graph.pyg.graph_store import EdgeType, Neo4jGraphStore
from engine.graph.pyg.numbering import Numbering
from engine.graph.sampling import NeighbourSampler

Fanout = Sequence[int] | Mapping[EdgeType, Sequence[int]]


class Neo4jSampler(BaseSampler):  # type: ignore[misc]  # PyG ships no types
    """Samples the neighbourhoods of a batch: a query for each hop and edge type.

    A node is expanded once however often it is reached, as in PyG's own sampler. Safe in threads
    and in loader workers, each of which has connections and kept hubs of its own.

    Args:
        graph_store: Edge types and rows.
        num_neighbors: Edges for a node in each hop, for all edge types or for each; -1: all edges.
        draw: How edges are drawn.
        seed: Starts the part of the drawing that happens here; the server's part takes no seed.

    Raises:
        UsageError: A number or an edge type is wrong.
    """

    def __init__(
        self,
        graph_store: Neo4jGraphStore,
        num_neighbors: Fanout,
        draw: EdgeSampling | None = None,
        seed: int | None = None,
    ) -> None:
        self.graph_store = graph_store
        self._draw = draw or EdgeSampling()
        self._seeds = np.random.SeedSequence(seed)
        self._fanout = _fanout(num_neighbors, graph_store.edge_types)
        self._hops = max(len(counts) for counts in self._fanout.values())
        self._num_nodes = {kind: graph_store.num_nodes(kind) for kind in graph_store.node_types}
        self._process = -1
        self._open()

    def sample_from_nodes(self, index: NodeSamplerInput, **_: Any) -> HeteroSamplerOutput:
        """Sample around nodes.

        Raises:
            UsageError: Times are given: draws by time are not offered, ``recent`` is.
        """
        _no_times(index.time)
        return node_sample(index, self._sample)

    def sample_from_edges(
        self, index: EdgeSamplerInput, neg_sampling: NegativeSampling | None = None
    ) -> HeteroSamplerOutput:
        """Sample around both ends of edges, and around negative ends that PyG draws uniformly.

        Raises:
            UsageError: Times are given.
        """
        _no_times(index.time)
        return edge_sample(index, self._sample, self._num_nodes, False, None, neg_sampling)

    def forget(self) -> None:
        """Read the edges of hubs from the graph again from now on."""
        self._open().hubs.forget()

    def _open(self) -> NeighbourSampler:
        """Return the sampler of this process: threads and locks do not outlive a fork."""
        if self._process != os.getpid():
            steps = [self.graph_store.step(kind) for kind in self._fanout]
            client = self.graph_store.connection.client
            self._neighbours = NeighbourSampler(client, steps, self._draw)
            self._lock = threading.Lock()
            if self._process != -1:  # Workers must not draw alike.
                entropy = [self._seeds.generate_state(1)[0], os.getpid()]
                self._seeds = np.random.SeedSequence([int(part) for part in entropy])
            self._process = os.getpid()
        return self._neighbours

    def __getstate__(self) -> dict[str, Any]:
        """Leave threads and locks here."""
        kept = {k: v for k, v in self.__dict__.items() if k not in {"_neighbours", "_lock"}}
        return kept | {"_process": -2}

    def _sample(self, seed: Mapping[str, Tensor], _time: object = None) -> HeteroSamplerOutput:
        neighbours = self._open()
        with self._lock:
            rng = np.random.default_rng(self._seeds.spawn(1)[0])
        store = self.graph_store
        known = {kind: Numbering() for kind in store.node_types}
        for label, seeds in seed.items():
            known[label].begin(seeds.numpy(force=True).astype(np.int64))
        ends: dict[EdgeType, list[Int64Array]] = {kind: [] for kind in self._fanout}
        for depth in range(self._hops):
            frontier = {label: nodes.newest() for label, nodes in known.items()}
            for kind, counts in self._fanout.items():
                k = counts[depth] if depth < len(counts) else 0
                rows = frontier[kind[2]]
                if k == 0 or len(rows) == 0:
                    ends[kind].append(np.empty((2, 0), dtype=np.int64))
                    continue
                numbers = store.numbers(kind[2], rows)
                hop = neighbours.hop(numbers, store.step(kind), None if k < 0 else k, rng)
                source = store.find(kind[0], hop.target)
                target = store.find(kind[2], hop.source)
                there = source >= 0  # else newer than the store
                near = known[kind[0]].add(source[there].astype(np.int64))
                far = known[kind[2]].add(target[there].astype(np.int64))
                ends[kind].append(np.stack([near, far]))
            for nodes in known.values():
                nodes.end_hop()
        return _output(known, ends)


def _output(
    known: Mapping[str, Numbering], ends: Mapping[EdgeType, list[Int64Array]]
) -> HeteroSamplerOutput:
    joined = {kind: torch.from_numpy(np.concatenate(parts, axis=1)) for kind, parts in ends.items()}
    return HeteroSamplerOutput(
        node={kind: torch.from_numpy(nodes.rows) for kind, nodes in known.items()},
        row={kind: both[0] for kind, both in joined.items()},
        col={kind: both[1] for kind, both in joined.items()},
        edge=dict.fromkeys(joined),
        num_sampled_nodes={kind: nodes.sizes for kind, nodes in known.items()},
        num_sampled_edges={kind: [part.shape[1] for part in parts] for kind, parts in ends.items()},
    )


def _fanout(given: Fanout, edge_types: Sequence[EdgeType]) -> dict[EdgeType, list[int]]:
    by_type = given if isinstance(given, Mapping) else dict.fromkeys(edge_types, given)
    if unknown := [kind for kind in by_type if kind not in edge_types]:
        raise UsageError(f"parameter num_neighbors: the graph store has no edges {unknown[0]}")
    for counts in by_type.values():
        for count in counts:
            check_count("num_neighbors", count, low=-1)
    if not any(len(counts) for counts in by_type.values()):
        raise UsageError("parameter num_neighbors must have a number for at least one hop")
    return {kind: list(by_type.get(kind, [])) for kind in edge_types}


def _no_times(times: object) -> None:
    if times is not None:
        raise UsageError(
            "parameter input_time is not supported: neighbours cannot be filtered by time",
            hint='Draw("recent") takes the newest edges',
        )
