"""Checkpoints: what a finished model is on disk, and the state an unfinished run continues from.

Files are read weights-only: tensors, numbers, strings, lists and dicts, never code. A file is
written beside its place and moved there, so a reader sees the old one or the new one.
"""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from scipy import sparse

from engine import private_files
from engine.data.arrays import Float32Array, Int64Array
from engine.data.vocabulary import Vocabulary
from engine.errors import CheckpointInvalid

_FORMAT = 1


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A finished model, ready to be published.

    Attributes:
        user_vectors: ``(n_users, d) float32``; unit length when ``scoring`` is cosine. A row of
            zeros means that the model knows nothing of that user.
        item_vectors: ``(n_items, d) float32``.
        entity_vectors: ``(n_entities, d) float32`` of a model that learned from facts, or None.
        entities: Keys of those entities, such as ``Brand:69``.
        popularity_weight: a of score = z_u·z_i + a·popularity(i) + b·repeats(u, i).
        again_weight: b of it.
        half_life_days: Of the repeats.
        drift_weight: How much what a user did since counts beside the own vector, when served.
        edges: ``(n_items, n_items) float32`` of a filter, whose vectors have no coordinates.
        popular_half_life_days: Of popularity(i); 0: events count alike.
        encoders: ``users`` and ``items`` to the state of what made their features
            (``FeatureEncoder.restored``), of a model that learned from features.
        data_watermark: Number of the newest batch of events the model has seen.
    """

    user_vectors: Float32Array
    item_vectors: Float32Array
    users: Vocabulary
    items: Vocabulary
    scoring: Literal["cosine", "dot"]
    popularity_weight: float
    again_weight: float
    half_life_days: float
    model: str
    settings: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    data_watermark: int | None = None
    seed: int = 0
    weights: dict[str, torch.Tensor] = field(default_factory=dict)
    entity_vectors: Float32Array | None = None
    entities: Vocabulary = field(default_factory=lambda: Vocabulary([]))
    drift_weight: float = 0.5
    edges: sparse.csr_array | None = None
    popular_half_life_days: float = 0.0
    encoders: dict[str, dict[str, Any]] = field(default_factory=dict)

    def digest(self) -> str:
        """Return a hash of vectors, edges and the ids they belong to: equal bits, equal digest."""
        digest = blake2b(digest_size=16)
        for ids, vectors in ((self.users, self.user_vectors), (self.items, self.item_vectors)):
            digest.update(ids.content_hash.encode())
            digest.update(np.ascontiguousarray(vectors).tobytes())
        if self.edges is not None:
            for part in _tensors(self.edges):
                digest.update(part.numpy().tobytes())
        return digest.hexdigest()

    def by_rows_of(self, users: Vocabulary, items: Vocabulary) -> "TrainedModel":
        """Return the users and items of the model by other rows; zeros where it knows nothing.

        Entities and encoders are left out; weights stay by the rows they were learned by.
        """
        return replace(
            self,
            user_vectors=_by_rows(self.users.positions(users.ids), self.user_vectors),
            item_vectors=_by_rows(self.items.positions(items.ids), self.item_vectors),
            edges=None if self.edges is None else _renumbered(self.edges, self.items, items),
            users=users,
            items=items,
            encoders={},
            entity_vectors=None,
            entities=Vocabulary([]),
        )


def _by_rows(rows: Int64Array, table: Float32Array) -> Float32Array:
    placed: Float32Array = np.where(
        (rows >= 0)[:, None], table[np.maximum(rows, 0)], np.float32(0.0)
    )
    return placed


def _renumbered(edges: sparse.csr_array, before: Vocabulary, after: Vocabulary) -> sparse.csr_array:
    """Return edges by other rows; those of items that are no more are left out."""
    rows = after.positions(before.ids)
    item = np.repeat(rows, np.diff(edges.indptr))
    other = rows[edges.indices]
    known = (item >= 0) & (other >= 0)
    cells = (edges.data[known], (item[known], other[known]))
    return sparse.csr_array(cells, shape=(len(after), len(after)))


def save(path: Path, trained: TrainedModel) -> None:
    """Write a finished model."""
    content = {name: getattr(trained, name) for name in TrainedModel.__dataclass_fields__}
    beside = trained.entity_vectors
    content |= {
        "format": _FORMAT,
        "user_vectors": torch.from_numpy(trained.user_vectors),
        "item_vectors": torch.from_numpy(trained.item_vectors),
        "entity_vectors": None if beside is None else torch.from_numpy(beside),
        "edges": None if trained.edges is None else _tensors(trained.edges),
        "users": list(trained.users.ids),
        "items": list(trained.items.ids),
        "entities": list(trained.entities.ids),
        "users_hash": trained.users.content_hash,
        "items_hash": trained.items.content_hash,
        "entities_hash": trained.entities.content_hash,
        "encoders": _as_tensors(trained.encoders),
    }
    write(path, content)


def load(path: Path) -> TrainedModel:
    """Read a finished model.

    Raises:
        CheckpointInvalid: The file is missing, damaged, or contradicts itself.
    """
    content = read(path)
    try:
        if content.pop("format") != _FORMAT:
            raise _damaged(path, "it was written by another version")
        for side in ("user", "item", "entity"):
            content |= _side(path, content, side)
        content["edges"] = _matrix(content.get("edges"), len(content["items"]))
        content["encoders"] = _as_arrays(content.get("encoders", {}))
        return TrainedModel(**content)
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise _damaged(path, f"{type(error).__name__} {error}") from error


def _side(path: Path, content: dict[str, Any], side: str) -> dict[str, Any]:
    """Return the ids and vectors of users, items or entities; take their hash out of ``content``.

    A checkpoint of before there were entities holds none.
    """
    name = {"user": "users", "item": "items", "entity": "entities"}[side]
    if side == "entity" and name not in content:
        return {}
    ids, tensor = Vocabulary(content[name]), content[f"{side}_vectors"]
    vectors = None if side == "entity" and tensor is None else tensor.numpy()
    fits = vectors is None or len(vectors) == len(ids)
    if content.pop(f"{name}_hash") != ids.content_hash or not fits:
        raise _damaged(path, "its vectors and its ids do not belong together")
    return {name: ids, f"{side}_vectors": vectors}


def _tensors(edges: sparse.csr_array) -> list[torch.Tensor]:
    starts, ends = edges.indptr.astype(np.int64), edges.indices.astype(np.int32)
    return [torch.from_numpy(one) for one in (starts, ends, edges.data)]


def _matrix(parts: list[torch.Tensor] | None, n_items: int) -> sparse.csr_array | None:
    """Return the edges; a checkpoint of before there were filters has none."""
    if parts is None:
        return None
    starts, ends, weights = (one.numpy() for one in parts)
    found = sparse.csr_array((weights, ends, starts), shape=(n_items, n_items))
    found.check_format(full_check=True)
    return found


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write tensors and plain values in one move; where the tensors were does not matter."""
    with private_files.replacing(path) as file:
        torch.save(_on_cpu(dict(content)), file)


def _on_cpu(value: Any) -> Any:
    """Return the same with every tensor on the CPU, which every machine has."""
    if isinstance(value, torch.Tensor):
        return value.cpu()
    if isinstance(value, dict):
        return {key: _on_cpu(one) for key, one in value.items()}
    return [_on_cpu(one) for one in value] if isinstance(value, list) else value


def _as_tensors(value: Any) -> Any:
    """Return the same with tensors for arrays, which a weights-only file cannot hold."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if isinstance(value, dict):
        return {key: _as_tensors(one) for key, one in value.items()}
    return value


def _as_arrays(value: Any) -> Any:
    """Return the same with arrays in the place of tensors."""
    if isinstance(value, torch.Tensor):
        return value.numpy()
    if isinstance(value, dict):
        return {key: _as_arrays(one) for key, one in value.items()}
    return value


def read(path: Path) -> dict[str, Any]:
    """Read what ``write`` wrote.

    Raises:
        CheckpointInvalid: The file is missing or damaged.
    """
    try:
        content: dict[str, Any] = torch.load(path, "cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointInvalid(
            f"there is no checkpoint {path}", hint="engine runs shows which there are"
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
        raise _damaged(path, type(error).__name__) from error
    if not isinstance(content, dict):
        raise _damaged(path, "it is not a table of tensors")
    return content


def of_other_training(path: Path) -> CheckpointInvalid:
    """Return the error for a state that belongs to other data, settings or seed."""
    return CheckpointInvalid(
        f"the saved state {path} belongs to other data, settings or seed",
        hint="give the settings of the interrupted run, or start again without --resume",
    )


def _damaged(path: Path, why: str) -> CheckpointInvalid:
    return CheckpointInvalid(
        f"the checkpoint {path} cannot be read: {why}", hint="train again with: engine train"
    )
