"""Features: what is known of users or items beside the graph, as numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal

import numpy as np

from engine.data.arrays import Float32Array
from engine.data.feature_encoding import FeatureEncoder
from engine.errors import DataError


@dataclass(frozen=True, eq=False)
class NodeFeatures:
    """A row of numbers per user, per item, or both.

    Attributes:
        users: ``(n_users, f) float32``, or None where nothing is known of users.
        items: ``(n_items, g) float32``, or None.
        encoders: What made the rows of a side, where that is known: it encodes later ones alike.
    """

    users: Float32Array | None = None
    items: Float32Array | None = None
    encoders: Mapping[Literal["users", "items"], FeatureEncoder] = field(default_factory=dict)

    def digest(self) -> bytes:
        """Return what two equal tables of features have in common, and no others."""
        digest = blake2b(digest_size=12)
        for rows in (self.users, self.items):
            if rows is not None:
                digest.update(str(rows.shape).encode())
                digest.update(np.ascontiguousarray(rows).tobytes())
        return digest.digest()

    def check(self, n_users: int, n_items: int) -> None:
        """Refuse features of other users or items.

        Raises:
            DataError: The rows do not fit, or a number is not finite.
        """
        for side, rows, count in (("users", self.users, n_users), ("items", self.items, n_items)):
            if rows is None:
                continue
            if rows.ndim != 2 or len(rows) != count:
                raise DataError(
                    f"features of {side} have the shape {rows.shape}",
                    hint=f"give one row for each of the {count} {side}",
                )
            if not np.isfinite(rows).all():
                raise DataError(
                    f"a feature of {side} is not a finite number",
                    hint="replace missing values before training",
                )
