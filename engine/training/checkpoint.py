"""Checkpoints: what a finished model is on disk.

They are files of arrays, so that ``engine publish`` needs no PyTorch; those of older versions are
files of PyTorch's and are read by it, weights-only.
"""

from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy import sparse

from engine.data.arrays import AnyArray, Float32Array, Int64Array
from engine.data.vocabulary import Vocabulary
from engine.optional_dependencies import require
from engine.training import array_file
from engine.training.array_file import damaged

_FORMAT = 1
_ZIP = b"PK"
"""How a file of PyTorch's begins."""


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
    weights: dict[str, AnyArray] = field(default_factory=dict)
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
            for part in _parts(self.edges):
                digest.update(part.tobytes())
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
    content |= {
        "format": _FORMAT,
        "edges": None if trained.edges is None else _parts(trained.edges),
        "users": list(trained.users.ids),
        "items": list(trained.items.ids),
        "entities": list(trained.entities.ids),
        "users_hash": trained.users.content_hash,
        "items_hash": trained.items.content_hash,
        "entities_hash": trained.entities.content_hash,
    }
    array_file.write(path, content)


def load(path: Path) -> TrainedModel:
    """Read a finished model.

    Raises:
        CheckpointInvalid: The file is missing, damaged, or contradicts itself.
        MissingExtra: An older version wrote it, and PyTorch is not installed.
    """
    content = _content(path)
    try:
        if content.pop("format") != _FORMAT:
            raise damaged(path, "it was written by another version")
        for side in ("user", "item", "entity"):
            content |= _side(path, content, side)
        content["edges"] = _matrix(content.get("edges"), len(content["items"]))
        return TrainedModel(**content)
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise damaged(path, f"{type(error).__name__} {error}") from error


def _content(path: Path) -> dict[str, Any]:
    """Return what is in the file, whichever version wrote it."""
    try:
        with path.open("rb") as file:
            old = file.read(len(_ZIP)) == _ZIP
    except OSError:
        old = False  # the reader says what is wrong
    if not old:
        return array_file.read(path)
    require("train", f"the checkpoint {path.name} of an older version")
    from engine.training import training_state  # noqa: PLC0415 PyTorch

    return training_state.read_arrays(path)


def _side(path: Path, content: dict[str, Any], side: str) -> dict[str, Any]:
    """Return the ids and vectors of users, items or entities; take their hash out of ``content``.

    A checkpoint of before there were entities holds none.
    """
    name = {"user": "users", "item": "items", "entity": "entities"}[side]
    if side == "entity" and name not in content:
        return {}
    ids, vectors = Vocabulary(content[name]), content[f"{side}_vectors"]
    fits = vectors is None or len(vectors) == len(ids)
    if content.pop(f"{name}_hash") != ids.content_hash or not fits:
        raise damaged(path, "its vectors and its ids do not belong together")
    return {name: ids, f"{side}_vectors": vectors}


def _parts(edges: sparse.csr_array) -> list[AnyArray]:
    return [edges.indptr.astype(np.int64), edges.indices.astype(np.int32), edges.data]


def _matrix(parts: list[AnyArray] | None, n_items: int) -> sparse.csr_array | None:
    """Return the edges; a checkpoint of before there were filters has none."""
    if parts is None:
        return None
    starts, ends, weights = parts
    found = sparse.csr_array((weights, ends, starts), shape=(n_items, n_items))
    found.check_format(full_check=True)
    return found
