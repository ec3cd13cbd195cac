"""Neo4jFeatureStore: PyTorch Geometric's view of node properties, which stay in Neo4j."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import FeatureStore, TensorAttr

from engine.data.arrays import Int64Array
from engine.errors import UsageError
from engine.graph.pulling.node_properties import Property, find_property, read_property
from engine.graph.pyg.graph_store import Neo4jGraphStore


@dataclass(frozen=True)
class Feature:
    """Which properties make a tensor.

    Attributes:
        properties: Names; several stand side by side.
        dtype: Of the tensor.
        missing: Stands for a value that a node lacks.
    """

    properties: tuple[str, ...]
    dtype: torch.dtype = torch.float32
    missing: float = 0.0


FeatureSpecs = Mapping[str, Mapping[str, Feature | str]]


class Neo4jFeatureStore(FeatureStore):  # type: ignore[misc]  # PyG ships no types
    """Node type to attribute to properties, read for the rows that are asked for.

    A lone property of one number is a vector ``(n,)``; everything else a matrix ``(n, width)``.
    Node types without properties need nothing here: a batch has the rows of its nodes as ``n_id``,
    the index of a learnable embedding.

    Args:
        graph_store: Knows the rows.
        features: Such as ``{"Item": {"x": "embedding_g1", "y": Feature(("class",), torch.long)}}``.

    Raises:
        UsageError: No node of the type has the property, or it holds no numbers.
    """

    def __init__(self, graph_store: Neo4jGraphStore, features: FeatureSpecs | None = None) -> None:
        super().__init__()
        self._graph_store = graph_store
        self._features: dict[tuple[str, str], tuple[Feature, list[Property]]] = {}
        client = graph_store.connection.client
        for label, attributes in (features or {}).items():
            if label not in graph_store.node_types:
                raise UsageError(
                    f"parameter features: the graph store has no node type {label!r}",
                    hint="it has: " + ", ".join(graph_store.node_types),
                )
            for name, given in attributes.items():
                feature = Feature((given,)) if isinstance(given, str) else given
                found = [find_property(client, label, one) for one in feature.properties]
                self._features[label, name] = feature, found

    def get_all_tensor_attrs(self) -> list[TensorAttr]:
        """Return what there is, without an index."""
        return [TensorAttr(label, name) for label, name in self._features]

    def _get_tensor(self, attr: TensorAttr) -> Tensor | None:
        known = self._features.get((attr.group_name, attr.attr_name))
        if known is None:
            return None
        feature, properties = known
        rows = _rows(attr.index, self._graph_store.num_nodes(attr.group_name))
        numbers = self._graph_store.numbers(attr.group_name, rows)
        client = self._graph_store.connection.client
        parts = [
            torch.from_numpy(read_property(client, one, numbers, feature.missing)).to(feature.dtype)
            for one in properties
        ]
        whole = torch.cat(parts, dim=1)
        return whole[:, 0] if _is_vector(properties) else whole

    def _get_tensor_size(self, attr: TensorAttr) -> tuple[int, ...] | None:
        known = self._features.get((attr.group_name, attr.attr_name))
        if known is None:
            return None
        count = self._graph_store.num_nodes(attr.group_name)
        width = sum(one.width or 1 for one in known[1])
        return (count,) if _is_vector(known[1]) else (count, width)

    def _put_tensor(self, tensor: object, attr: TensorAttr) -> bool:
        raise UsageError("the feature store is read only", hint="engine publish writes embeddings")

    def _remove_tensor(self, attr: TensorAttr) -> bool:
        raise UsageError("the feature store is read only")


def _is_vector(properties: list[Property]) -> bool:
    return len(properties) == 1 and properties[0].width is None


def _rows(index: Any, count: int) -> Int64Array:
    """Return an index of any kind that PyG allows as rows."""
    if index is None:
        return np.arange(count)
    if isinstance(index, slice):
        return np.arange(count)[index]
    rows = np.atleast_1d(index.numpy(force=True) if isinstance(index, Tensor) else index)
    return np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)
