"""Warm start: first vectors of an earlier model in the place of drawn ones, by id.

A stage of an experiment starts from the same stage of the earlier one, so that what is judged never
started from vectors that have seen what it is judged on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.data.checkpoint_files import FIRST_VECTORS
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models.encoder import Encoder
from engine.models.tensors import array, tensor
from engine.training import training_state

FILE = FIRST_VECTORS
_NAME = "vectors"


@dataclass(frozen=True, eq=False)
class FirstVectors:
    """First vectors to begin with.

    Attributes:
        vectors: ``(n_users + n_items, d) float32``, users then items.
        until: When the newest event they have seen happened, epoch ms.
        key: Tells these vectors from others.
    """

    users: Vocabulary
    items: Vocabulary
    vectors: torch.Tensor
    until: int
    key: str = ""


FirstVectorsByStage = Mapping[str, FirstVectors]
"""Stage of an experiment to what it starts from."""


def first_vectors_of(encoder: Encoder[Any], known: Interactions) -> FirstVectors | None:
    """Return the first vectors of a trained model, None where it has more than those."""
    tensors = encoder.state()
    rows = known.n_users + known.n_items
    if set(tensors) != {_NAME} or len(tensors[_NAME]) != rows:
        return None
    vectors = tensors[_NAME].detach().clone()
    return FirstVectors(known.users, known.items, vectors, int(known.at.max(initial=0)))


def apply_start(encoder: Encoder[Any], start: FirstVectors, known: Interactions) -> bool:
    """Put first vectors in place of drawn ones, and return whether that was possible.

    It is not where the model is made otherwise, or where they have seen what it may not know. A
    node that is new begins at the mean of its neighbours; one without any keeps what was drawn.
    """
    tensors = encoder.state()
    rows = known.n_users + known.n_items
    shape = (rows, start.vectors.shape[1])
    if set(tensors) != {_NAME} or tuple(tensors[_NAME].shape) != shape:
        return False
    if start.until > int(known.at.max(initial=0)):
        return False
    before = array(start.vectors)
    n_before = len(start.users)
    users = start.users.positions(known.users.ids)
    items = start.items.positions(known.items.ids)
    place = np.concatenate((users, np.where(items >= 0, items + n_before, -1)))
    vectors = np.where((place >= 0)[:, None], before[np.maximum(place, 0)], np.float32(0.0))
    new = np.flatnonzero(place < 0)
    met = known.csr(binary=True)
    for these, side, other in (
        (new[new < known.n_users], met, slice(known.n_users, rows)),
        (new[new >= known.n_users] - known.n_users, met.T.tocsr(), slice(0, known.n_users)),
    ):
        old = (place[other] >= 0).astype(np.float32)
        count = side[these] @ old
        mean = (side[these] @ vectors[other]) / np.maximum(count, 1.0)[:, None]
        at = these + (0 if other.start else known.n_users)
        drawn = array(tensors[_NAME])[at]
        vectors[at] = np.where((count > 0)[:, None], mean, drawn)
    with torch.no_grad():
        tensors[_NAME].copy_(tensor(vectors))
    return True


def save(path: Path, starts: FirstVectorsByStage) -> None:
    """Write the starts of an experiment; they share their ids."""
    if not starts:
        return
    one = next(iter(starts.values()))
    content = {
        "users": list(one.users.ids),
        "items": list(one.items.ids),
        "vectors": {stage: start.vectors for stage, start in starts.items()},
        "until": {stage: start.until for stage, start in starts.items()},
    }
    training_state.write(path, content)


def load(path: Path, key: str) -> FirstVectorsByStage:
    """Read what ``save`` wrote.

    Raises:
        CheckpointInvalid: The file is missing or damaged.
    """
    content = training_state.read(path)
    users, items = Vocabulary(content["users"]), Vocabulary(content["items"])
    return {
        stage: FirstVectors(users, items, vectors, content["until"][stage], key)
        for stage, vectors in content["vectors"].items()
    }
