"""A small graph of events and facts, and vectors, for tests of models of triples."""

import numpy as np
import torch

from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.models.relational import TripleBatch

# Nodes 0 to 4 are users, 5 to 8 items, 9 to 11 entities.
BATCH = TripleBatch(
    heads=torch.tensor([0, 5, 3]),
    relations=torch.tensor([0, 1, 2]),
    tails=torch.tensor([6, 9, 4]),
    negatives=(torch.tensor([0, 1, 4]), torch.tensor([6, 7]), torch.tensor([10, 9, 11])),
)


def material_of() -> TrainingData:
    """Five users, four items, three brands; who trusts whom."""
    user, item = np.array([0, 0, 1, 1, 2, 3, 4]), np.array([0, 1, 1, 2, 3, 0, 3])
    events = Interactions.of(
        Vocabulary([f"u{n}" for n in range(5)]), Vocabulary([f"i{n}" for n in range(4)]), user, item
    )
    head, relation, tail = np.array([5, 6, 7, 3]), np.array([0, 0, 0, 1]), np.array([9, 10, 11, 4])
    entities = Vocabulary(["Brand:1", "Brand:2", "Brand:3"])
    facts = Knowledge.of((5, 4), entities, ("MADE_BY", "TRUSTS"), (head, relation, tail))
    return TrainingData(events, facts)


def vectors_for(dimension: int) -> list[torch.Tensor]:
    """Heads, relations and tails of four triples, and six candidates."""
    draw = torch.Generator().manual_seed(3)
    return [torch.randn(n, dimension, generator=draw) for n in (4, 4, 4, 6)]


def complex_of(vectors: torch.Tensor) -> np.ndarray:
    """Return real parts and then imaginary ones as NumPy's complex numbers."""
    real, imaginary = np.split(vectors.detach().double().numpy(), 2, axis=1)
    result: np.ndarray = real + 1j * imaginary
    return result
