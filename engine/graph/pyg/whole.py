"""Bring a whole graph into memory as PyTorch Geometric's ``HeteroData``."""

from collections.abc import Sequence

import numpy as np
import torch
from torch_geometric.data import HeteroData

from engine.graph.pulling.edge_pages import EVENTS, Triple
from engine.graph.pulling.projection import pull_graph
from engine.graph.pyg.feature_store import FeatureSpecs, Neo4jFeatureStore
from engine.graph.pyg.graph_store import Neo4jGraphStore
from engine.store.graph_client import GraphClient


def to_hetero_data(
    client: GraphClient,
    triples: Sequence[Triple] = (EVENTS,),
    features: FeatureSpecs | None = None,
    *,
    weight: str | None = None,
    times: bool = False,
) -> HeteroData:
    """Return all nodes and edges, with the rows and edge types of ``Neo4jGraphStore``.

    Args:
        client: The graph.
        triples: Kinds of edges; each is there in both directions.
        features: As for ``Neo4jFeatureStore``.
        weight: Property that becomes ``edge_weight``, 1 where an edge has none.
        times: Whether to bring ``edge_time``, milliseconds since 1970, 0 where an edge has none.

    Raises:
        UsageError: The graph has no such label, type or property.
    """
    graph_store = Neo4jGraphStore(client, triples)
    feature_store = Neo4jFeatureStore(graph_store, features)
    data = HeteroData()
    for kind in graph_store.node_types:
        data[kind].num_nodes = graph_store.num_nodes(kind)
    for attr in feature_store.get_all_tensor_attrs():
        attr.index = None
        data[attr.group_name][attr.attr_name] = feature_store.get_tensor(attr)
    for one in triples:
        graph = pull_graph(client, [one], undirected=False, weight=weight, times=times)
        head = np.repeat(np.arange(len(graph)), graph.degree) - graph.offsets[one.head]
        tail = graph.indices.astype(np.int64) - graph.offsets[one.tail]
        index = torch.from_numpy(np.stack([head, tail]))
        there, back = (
            data[one.head, one.relation, one.tail],
            data[one.tail, f"rev_{one.relation}", one.head],
        )
        there.edge_index, back.edge_index = index, index.flip(0)
        if graph.weights is not None:
            there.edge_weight = back.edge_weight = torch.from_numpy(graph.weights)
        if graph.at is not None:
            there.edge_time = back.edge_time = torch.from_numpy(graph.at)
    return data
