"""Neo4j as a remote backend of PyTorch Geometric: see docs/pyg.md.

The only part of ``engine.graph`` that imports PyTorch; nothing of the engine imports it.
"""

from engine.graph.hop import EdgeSampling
from engine.graph.pulling.edge_pages import EVENTS, Triple
from engine.graph.pyg.feature_store import Feature, Neo4jFeatureStore
from engine.graph.pyg.graph_store import Neo4jGraphStore
from engine.graph.pyg.prefetch import Prefetched
from engine.graph.pyg.sampler import Neo4jSampler
from engine.graph.pyg.whole import to_hetero_data

__all__ = [
    "EVENTS",
    "EdgeSampling",
    "Feature",
    "Neo4jFeatureStore",
    "Neo4jGraphStore",
    "Neo4jSampler",
    "Prefetched",
    "Triple",
    "to_hetero_data",
]
