"""Models: one module each, and an explicit table of them. No database, no command line.

May import: ``engine.data``, torch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.data.interactions import Interactions
from engine.errors import UnknownModel
from engine.models.encoder import Encoder
from engine.models.gat import GATConfig, gat
from engine.models.gcn import GCNConfig, gcn
from engine.models.graphsage import GraphSAGEConfig, graphsage
from engine.models.item_lightgcn import ItemLightGCN, ItemLightGCNConfig
from engine.models.lightgcn import LightGCN, LightGCNConfig
from engine.models.matrix_factorization import MatrixFactorization, MatrixFactorizationConfig
from engine.models.ngcf import NGCF, NGCFConfig


@dataclass(frozen=True)
class Entry:
    """A trainable model.

    Attributes:
        config: Its config dataclass.
        build: Makes one.
        summary: One line about it.
        training: Settings of training that are its own defaults, as texts.
    """

    config: type
    build: Callable[[Interactions, Any, np.random.Generator], Encoder]
    summary: str
    training: Mapping[str, str] = field(default_factory=dict)


MODELS: dict[str, Entry] = {
    "lightgcn": Entry(LightGCNConfig, LightGCN, "Linear graph convolution (He et al. 2020)"),
    "item-lightgcn": Entry(
        ItemLightGCNConfig, ItemLightGCN, "Item-item graph convolution; users are folded in"
    ),
    "bpr-mf": Entry(
        MatrixFactorizationConfig,
        MatrixFactorization,
        "Matrix factorization (Rendle et al. 2009)",
        {"loss": "bpr"},
    ),
    "gcn": Entry(GCNConfig, gcn, "Graph convolution (Kipf and Welling 2017)"),
    "graphsage": Entry(GraphSAGEConfig, graphsage, "Sampled aggregation (Hamilton et al. 2017)"),
    "gat": Entry(GATConfig, gat, "Attention over neighbours (Veličković et al. 2018)"),
    "ngcf": Entry(NGCFConfig, NGCF, "Graph convolution with weights and agreement (Wang 2019)"),
}


def entry(name: str) -> Entry:
    """Return the model called ``name``.

    Raises:
        UnknownModel: There is none; the hint lists the known ones.
    """
    if name not in MODELS:
        raise UnknownModel(
            f"no model is called {name}", hint=f"use --model with one of {', '.join(MODELS)}"
        )
    return MODELS[name]
