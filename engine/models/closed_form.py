"""Closed-form models: a plain method with vectors, used where a trained model is."""

from dataclasses import dataclass

import torch

from engine.errors import ModelError
from engine.models.encoder import Embeddings, Loss
from engine.models.registry_entries import ItemScorer, WithVectors


@dataclass(frozen=True)
class InnerProductConfig:
    """The config of a method that is always scored by inner products."""

    scoring: str = "dot"


class ClosedFormModel:
    """A method whose vectors are there once it is built.

    Args:
        method: The method.

    Raises:
        ModelError: It has no vectors.
    """

    config = InnerProductConfig()

    def __init__(self, method: ItemScorer) -> None:
        if not isinstance(method, WithVectors):
            raise ModelError("this method has no vectors", hint="engine models shows which have")
        self._method = method

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
        """Return the vectors."""
        return self._method.embeddings()

    def state(self) -> dict[str, torch.Tensor]:
        """Return nothing: the vectors are all there is."""
        return {}
