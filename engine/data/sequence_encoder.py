"""A user's vector from its newest items, in NumPy: what serves ``sasrec`` without torch.

The same formula as ``engine/models/sasrec.py``, where it is written down, read from a text: one
line of JSON that holds numbers and names alone.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as WrongBase64
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from engine.data.arrays import Float32Array, Int64Array
from engine.data.sequences import Sequences
from engine.errors import CheckpointInvalid

GAP_BUCKETS = 34
"""Of times between two events: below a second, below 2, below 4, and so on, to 272 years."""
NORM_EPSILON = 1e-5
_FORMAT = 1
_NUMBERS = ("heads", "layers", "unit", "trend", "least_weight")
_BLOCK = (
    "attention.weight",
    "attention.bias",
    "out.weight",
    "out.bias",
    "norm1.weight",
    "norm1.bias",
    "inner.weight",
    "inner.bias",
    "outer.weight",
    "outer.bias",
    "norm2.weight",
    "norm2.bias",
)


@dataclass(frozen=True, eq=False)
class SequenceEncoder:
    """The weights between item vectors and a user's vector.

    Attributes:
        weights: Name to ``float32``, as the model's ``state()`` names them, without ``vectors``.
        heads: Of attention.
        layers: Blocks.
        unit: Whether items count by their direction and the result has unit length (cosine).
        trend: The coordinate that a user gains as served, 0 for none (``evaluation/trend.py``).
        least_weight: Least weight of an event that is looked at, None for any.
    """

    weights: Mapping[str, Float32Array]
    heads: int
    layers: int
    unit: bool
    trend: float = 0.0
    least_weight: float | None = None

    @property
    def length(self) -> int:
        """Most events that are looked at."""
        return len(self.weights["positions"])

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.weights["positions"].shape[1])

    def encode(self, sequences: Sequences, vectors: Float32Array) -> Float32Array:
        """Return the vectors of users, ``(n, d) float32``; zeros of an empty sequence.

        Args:
            sequences: Newest events, at most ``length`` each; ``items`` are rows of ``vectors``.
            vectors: ``(m, d)`` of the items, as the model made them.
        """
        counts = sequences.counts
        if not counts.any():
            return np.zeros((len(sequences), self.dimension), dtype=np.float32)
        inputs = vectors[sequences.items].astype(np.float32)
        if self.unit:
            inputs = _unit(inputs)
        places = positions(counts, sequences.items.shape[1], self.length)
        hidden = inputs * np.float32(np.sqrt(self.dimension)) + self.weights["positions"][places]
        gaps = buckets(sequences.at) if "gaps" in self.weights else None
        for layer in range(self.layers):
            hidden = self._block(layer, hidden, gaps)
        last = hidden[np.arange(len(counts)), np.maximum(counts - 1, 0)]
        found = self._norm("norm", last)
        return np.where(counts[:, None] > 0, _unit(found) if self.unit else found, np.float32(0.0))

    def served(self, sequences: Sequences, stored: Float32Array) -> Float32Array:
        """Return the vectors of users as a generation stores them, ``(n, width of stored)``.

        Args:
            sequences: As ``encode`` takes them; ``items`` are rows of ``stored``.
            stored: Vectors of items as a generation stores them: those of the model, the trend's
                coordinate where there is one, and of inner products the one that makes all equally
                long (``evaluation/trend.py``, ``graph/index_recall.py``).
        """
        users = self.encode(sequences, stored[:, : self.dimension])
        if self.trend:
            there = (sequences.counts > 0)[:, None] * np.float32(self.trend)
            users = np.hstack((users, there)).astype(np.float32)
        rest = stored.shape[1] - users.shape[1]
        users = np.pad(users, ((0, 0), (0, rest)))
        return _unit(users) if self.unit else users

    def _block(self, layer: int, hidden: Float32Array, gaps: Int64Array | None) -> Float32Array:
        """Return a pre-norm block's output, ``(n, width, d)``."""
        named = f"{layer}."
        n, width, d = hidden.shape
        parts = self._linear(f"{named}attention", self._norm(f"{named}norm1", hidden))
        # (3, n, heads, width, d / heads)
        query, key, value = parts.reshape(n, width, 3, self.heads, -1).transpose(2, 0, 3, 1, 4)
        scores = query @ key.swapaxes(-1, -2) / np.float32(np.sqrt(d // self.heads))
        if gaps is not None:
            scores = scores + self.weights["gaps"][layer][:, gaps].swapaxes(0, 1)
        scores = np.where(np.tri(width, dtype=np.bool_), scores, np.float32(-np.inf))
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        mixed = (shares @ value).swapaxes(1, 2).reshape(n, width, d)
        hidden = hidden + self._linear(f"{named}out", mixed)
        inner = self._linear(f"{named}inner", self._norm(f"{named}norm2", hidden))
        result: Float32Array = hidden + self._linear(f"{named}outer", np.maximum(inner, 0.0))
        return result

    def _linear(self, name: str, values: Float32Array) -> Float32Array:
        product: Float32Array = values @ self.weights[f"{name}.weight"].T
        return product + self.weights[f"{name}.bias"]

    def _norm(self, name: str, values: Float32Array) -> Float32Array:
        centred = values - values.mean(axis=-1, keepdims=True)
        spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + NORM_EPSILON)
        scaled: Float32Array = centred / spread.astype(np.float32)
        return scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    @property
    def text(self) -> str:
        """All of it, as ``read`` takes it."""
        numbers = {
            name: {
                "shape": list(one.shape),
                "float32": b64encode(np.ascontiguousarray(one, dtype="<f4").tobytes()).decode(),
            }
            for name, one in sorted(self.weights.items())
        }
        head = {name: getattr(self, name) for name in _NUMBERS}
        return json.dumps({"format": _FORMAT} | head | {"weights": numbers})

    @property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return sha256(self.text.encode()).hexdigest()


def read(text: str, digest: str) -> SequenceEncoder:
    """Return the encoder of a text.

    Raises:
        CheckpointInvalid: It is not the text of that SHA-256, or contradicts itself.
    """
    if sha256(text.encode()).hexdigest() != digest:
        raise _damaged("its SHA-256 is another one")
    try:
        content = json.loads(text)
        if content["format"] != _FORMAT:
            raise _damaged("it was written by another version")
        weights = {
            name: np.frombuffer(b64decode(one["float32"], validate=True), dtype="<f4")
            .reshape(one["shape"])
            .astype(np.float32)
            for name, one in content["weights"].items()
        }
        found = SequenceEncoder(weights, **{name: content[name] for name in _NUMBERS})
        wanted = [f"{layer}.{name}" for layer in range(found.layers) for name in _BLOCK]
        missing = {*wanted, "positions", "norm.weight", "norm.bias"} - set(weights)
    except (KeyError, TypeError, AttributeError, ValueError, WrongBase64) as error:
        raise _damaged(f"{type(error).__name__} {error}") from error
    if missing:
        raise _damaged(f"it lacks {', '.join(sorted(missing))}")
    return found


def positions(counts: Int64Array, width: int, length: int) -> Int64Array:
    """Return the number of the place of each event, ``(n, width)``: the newest has the last one."""
    places: Int64Array = np.clip(length - counts[:, None] + np.arange(width), 0, length - 1)
    return places


def buckets(at: Int64Array) -> Int64Array:
    """Return the bucket of the time between each event and each other one, ``(n, width, width)``.

    Bucket b holds gaps from 2^(b - 1) to 2^b seconds, 0 those below one second.
    """
    gaps = np.maximum(at[:, :, None] - at[:, None, :], 0) // 1_000
    exponents = np.frexp(gaps.astype(np.float64))[1].astype(np.int64)
    found: Int64Array = np.minimum(exponents, GAP_BUCKETS - 1)
    return found


def _unit(vectors: Float32Array) -> Float32Array:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Float32Array = vectors / np.maximum(lengths, np.float32(1e-12))
    return scaled


def _damaged(why: str) -> CheckpointInvalid:
    return CheckpointInvalid(
        f"the user encoder cannot be read: {why}", hint="publish again: engine publish"
    )
