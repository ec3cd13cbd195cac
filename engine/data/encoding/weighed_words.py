"""Words weighed by how much they distinguish (tf-idf), and reduced where there are many.

A row is ln(n / uses) + 1 for each of its words, scaled to unit length. Where the vocabulary is
large, rows are brought down to their coordinates on the leading right singular vectors (latent
semantic analysis, Deerwester et al. 1990), which are kept: a later row is projected on the same.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from engine.data.arrays import Float32Array, Float64Array

MOST_COLUMNS = 128
"""Columns of words that are kept as they are, or singular vectors in their place."""
_LEAST_USES = 2
_ROUNDING = 1e-5


@dataclass(frozen=True, eq=False)
class WeighedWords:
    """A vocabulary with the weight of each word.

    Attributes:
        words: In order, each once.
        rarity: ``(n_words,)`` weight of each.
        components: ``(n_words, c) float32`` right singular vectors, the leading one first; None
            where the vocabulary is small enough to be its own columns.
    """

    words: tuple[str, ...]
    rarity: Float64Array
    components: Float32Array | None

    @classmethod
    def fitted(
        cls, rows: Sequence[Sequence[str]], most_words: int | None = None
    ) -> "WeighedWords | None":
        """Return the words that at least two rows use; None where there is none.

        Args:
            rows: Words of each row.
            most_words: Only so many, those that most rows use.
        """
        uses = Counter(word for own in rows for word in set(own))
        kept = [word for word, count in uses.items() if count >= _LEAST_USES]
        if most_words is not None and len(kept) > most_words:
            kept = sorted(kept, key=lambda word: (-uses[word], word))[:most_words]
        if not kept:
            return None
        words = tuple(sorted(kept))
        rarity = np.log(len(rows) / np.array([uses[word] for word in words])) + 1.0
        plain = cls(words, rarity, None)
        if len(words) <= MOST_COLUMNS:
            return plain
        table = plain._table(rows)
        return cls(words, rarity, _leading(table))

    def encode(self, rows: Sequence[Sequence[str]]) -> Float32Array:
        """Return ``(len(rows), c) float32``; a word that the vocabulary lacks says nothing."""
        table = self._table(rows)
        if self.components is None:
            dense: Float32Array = table.toarray().astype(np.float32)
            return dense
        return np.asarray(table @ self.components.astype(np.float64)).astype(np.float32)

    def state(self) -> dict[str, Any]:
        """Return what ``restored`` makes the same from."""
        return {
            "words": list(self.words),
            "rarity": self.rarity,
            "components": self.components,
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> "WeighedWords":
        """Return what ``state`` was of."""
        return cls(tuple(state["words"]), state["rarity"], state["components"])

    def _table(self, rows: Sequence[Sequence[str]]) -> sparse.csr_array:
        """Return the weights of each row's words, rows of unit length or empty."""
        place = {word: column for column, word in enumerate(self.words)}
        found = [sorted({place[word] for word in own if word in place}) for own in rows]
        starts = np.cumsum([0, *map(len, found)])
        columns = np.array([column for own in found for column in own], dtype=np.int64)
        shape = (len(rows), len(self.words))
        table = sparse.csr_array((self.rarity[columns], columns, starts), shape=shape)
        length = np.maximum(np.sqrt(table.multiply(table).sum(axis=1)), 1e-12)
        return sparse.csr_array(sparse.diags_array(1.0 / length) @ table)


def _leading(table: sparse.csr_array) -> Float32Array:
    """Return the leading right singular vectors, each with a sign.

    One table always gives one result: ARPACK starts from a vector of ours, but where the table has
    a lower rank it goes on from drawn ones, so what is nothing but rounding is left out.
    """
    count = min(MOST_COLUMNS, min(table.shape) - 1)
    _, values, right = svds(table, k=count, v0=np.ones(min(table.shape)))
    order = np.argsort(-values, kind="stable")
    axes = right[order[values[order] > _ROUNDING * values.max()]].T
    largest = np.abs(axes).argmax(axis=0)
    signs = np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    return np.ascontiguousarray(axes * signs, dtype=np.float32)
