"""Closed-form models: a plain method with vectors or edges, used where a trained model is."""

from dataclasses import dataclass

import torch

from engine.data.interactions import Interactions
from engine.errors import ModelError
from engine.models import item_filter
from engine.models.encoder import Embeddings, Loss
from engine.models.item_filter import FilterConfig, WithEdges
from engine.models.registry_entries import ItemScorer, WithVectors


@dataclass(frozen=True)
class InnerProductConfig:
    """The config of a method that is always scored by inner products."""

    scoring: str = "dot"


class ClosedFormModel:
    """A method that is ready to serve once it is built.

    Args:
        method: The method.
        known: What it was built from.
        settings: Its config; that of a filter says how many edges are kept.

    Raises:
        ModelError: It has neither vectors nor edges.
    """

    config = InnerProductConfig()

    def __init__(self, method: ItemScorer, known: Interactions, settings: object) -> None:
        by_edges = getattr(settings, "served_by", "edges") == "edges"
        if by_edges and isinstance(settings, FilterConfig) and isinstance(method, WithEdges):
            edges = item_filter.scaled(method.item_edges(settings.edges))
            self._served = item_filter.served(edges, known, settings)
        elif isinstance(method, WithVectors):
            self._served = method.embeddings()
        else:
            raise ModelError(
                "this method has no vectors and no edges", hint="engine models shows which have"
            )

    def fit_step(self, batch: object, loss: Loss) -> torch.Tensor:
        """Refuse: there is nothing to train.

        Raises:
            ModelError: Always.
        """
        del batch, loss
        raise ModelError(
            "a closed-form method has no training steps", hint="train a model: engine models"
        )

    def encode(self) -> Embeddings:
        """Return the vectors, or the edges."""
        return self._served

    def state(self) -> dict[str, torch.Tensor]:
        """Return nothing: the vectors or edges are all there is."""
        return {}
