"""What a model that is trained step by step keeps."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import torch

from engine.data.arrays import Float32Array
from engine.data.model_options import configure
from engine.models.encoder import Embeddings, Encoder
from engine.models.registry_entries import ModelEntry
from engine.testing import two_tastes
from engine.testing.expectation import expect
from engine.training.batch_factories import SOURCES
from engine.training.data_sized import sized
from engine.training.trainer import TrainingHooks, train
from engine.training.training_config import TrainingConfig

ModelSettings = Mapping[str, str]

# Of two tastes half of all nodes are of the own one: more noise would push those apart.
_SMALL = {"dimension": "8", "start": "normal", "noise": "1"}
_SEPARATED = 0.9


def built(entry: ModelEntry, settings: ModelSettings, seed: int = 0) -> Encoder[Any]:
    """Return the untrained model, small, with settings of its own on top."""
    known = {one.name for one in fields(entry.config)}
    small = {name: text for name, text in _SMALL.items() if name in known}
    config: Any = configure(entry.config, small | dict(settings))
    return entry.build(
        two_tastes.material(entry.wants(config)), config, np.random.default_rng(seed)
    )


def trained(entry: ModelEntry, settings: ModelSettings, epochs: int, **more: str) -> Encoder[Any]:
    """Return the model after some epochs; ``more`` are settings of its training."""
    encoder = built(entry, settings)
    # A walk of 20 nodes makes 170 pairs.
    size = "1024" if entry.batches == "walks" else "64"
    own = {"batch_size": size, "negative_count": "8", "recency": "0", "epochs": str(epochs)}
    if entry.batches == "events":  # six steps an epoch: few for small ones
        own |= {"learning_rate": "0.01", "decay": "none"}
    config = configure(TrainingConfig, dict(entry.training) | own | more)
    material = two_tastes.material(entry.wants(encoder.config))
    config = sized(config, entry, material.events)
    batches = SOURCES[entry.batches](material, encoder.config, config, 1)
    train(encoder, batches, config, TrainingHooks())
    return encoder


def learns_a_known_answer(entry: ModelEntry, settings: ModelSettings) -> None:
    """Trained on two tastes it tells them apart, and better than before it was trained."""
    before = two_tastes.separation(_scores(built(entry, settings).encode()))
    after = two_tastes.separation(_scores(trained(entry, settings, 20).encode()))
    expect(after > _SEPARATED, f"{after:.3f} of the pairs are told apart, not {_SEPARATED}")
    expect(after > before, f"training took {before:.3f} told apart to {after:.3f}")


def same_seed_same_bits(entry: ModelEntry, settings: ModelSettings) -> None:
    """Two trainings from one seed end in the same bits: no generator but those it is given."""
    first, again = (trained(entry, settings, 1).encode() for _ in range(2))
    _equal(first, again)


def trains_every_tensor(entry: ModelEntry, settings: ModelSettings) -> None:
    """An epoch changes each tensor of the state that has a gradient, and there is one."""
    before, after = built(entry, settings).state(), trained(entry, settings, 1).state()
    expect(before.keys() == after.keys(), "training changes the names of the state")
    names = [name for name, tensor in before.items() if tensor.requires_grad]
    expect(bool(names), "no tensor of state() has requires_grad")
    for name in names:
        expect(not torch.equal(before[name], after[name]), f"{name} is never trained")


def state_is_all_of_it(entry: ModelEntry, settings: ModelSettings) -> None:
    """A model built from another seed that is given this one's state makes the same vectors.

    That is how a checkpoint is read back.
    """
    encoder, other = trained(entry, settings, 1), built(entry, settings, seed=9)
    with torch.no_grad():
        for name, tensor in other.state().items():
            tensor.copy_(encoder.state()[name])
    _equal(encoder.encode(), other.encode())


def vectors_have_their_shape(entry: ModelEntry, settings: ModelSettings) -> None:
    """Vectors are float32, a row per node, zero where nothing is known, of length 1 for cosine.

    Asked of both ways of scoring where its settings leave the choice.
    """
    free = any(one.name == "scoring" for one in fields(entry.config)) and "scoring" not in settings
    for own in ({"scoring": "cosine"}, {"scoring": "dot"}) if free else ({},):
        encoder = built(entry, {**settings, **own})
        scoring = own.get("scoring", encoder.config.scoring)
        expect(encoder.config.scoring == scoring, f"its config does not say scoring={scoring}")
        found = encoder.encode()
        _rows(found.users, "users", two_tastes.USERS)
        _rows(found.items, "items", two_tastes.ITEMS)
        wide = found.users.shape[1], found.items.shape[1]
        expect(wide[0] == wide[1], f"users have {wide[0]} numbers and items {wide[1]}")
        if found.entities is not None:
            _rows(found.entities, "entities", two_tastes.SHELVES)
            expect(bool(found.entities[:-1].any(axis=1).all()), "an entity with facts is zeros")
        if scoring == "cosine":
            taken = two_tastes.events().item_counts() > 0
            for side, rows in (("users", found.users[:-1]), ("items", found.items[taken])):
                lengths = np.linalg.norm(rows, axis=1)
                np.testing.assert_allclose(lengths, 1, atol=1e-5, err_msg=f"lengths of {side}")


def trains_with_loss(entry: ModelEntry, settings: ModelSettings, loss: str) -> None:
    """An epoch with this loss leaves finite vectors."""
    found = trained(entry, settings, 1, loss=loss, batch_size="128").encode()
    expect(bool(np.isfinite(found.items).all()), f"{loss} makes items that are not finite")
    expect(bool(np.isfinite(found.users).all()), f"{loss} makes users that are not finite")


def _rows(vectors: Float32Array, side: str, known: int) -> None:
    expect(vectors.dtype == np.float32, f"{side} are {vectors.dtype}, not float32")
    expect(vectors.ndim == 2, f"{side} have the shape {vectors.shape}, not two dimensions")
    expect(len(vectors) == known + 1, f"{len(vectors)} rows of {known + 1} {side}")
    expect(not vectors[-1].any(), f"of the last of {side} nothing is known: a row of zeros")


def _scores(found: Embeddings) -> Any:
    return found.users @ found.items.T


def _equal(first: Embeddings, other: Embeddings) -> None:
    np.testing.assert_array_equal(first.users, other.users, "vectors of users")
    np.testing.assert_array_equal(first.items, other.items, "vectors of items")
