"""Models: one module each, and an explicit table of them. No database, no command line.

May import: ``engine.data``, torch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.interactions import Interactions
from engine.errors import UnknownModel
from engine.models.encoder import Encoder
from engine.models.gat import GATConfig, gat
from engine.models.gcn import GCNConfig, gcn
from engine.models.graphsage import GraphSAGEConfig, graphsage
from engine.models.lightgcn import LightGCN, LightGCNConfig
from engine.models.ngcf import NGCF, NGCFConfig


@dataclass(frozen=True)
class Entry:
    """A trainable model: its config dataclass, how to build it, and one line about it."""

    config: type
    build: Callable[[Interactions, Any, np.random.Generator], Encoder]
    summary: str


MODELS: dict[str, Entry] = {
    "lightgcn": Entry(LightGCNConfig, LightGCN, "Linear graph convolution (He et al. 2020)"),
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
