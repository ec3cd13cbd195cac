"""Vocabulary: external ids on one side, dense row numbers on the other."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from engine.data.arrays import AnyArray, Int64Array


class Vocabulary:
    """An immutable, ordered set of ids; an id's position is its row in every matrix.

    Args:
        ids: The ids in row order.

    Raises:
        ValueError: An id stands twice.
    """

    def __init__(self, ids: Sequence[str]) -> None:
        self.ids: tuple[str, ...] = tuple(ids)
        self._index = {id_: row for row, id_ in enumerate(self.ids)}
        if len(self._index) != len(self.ids):
            raise ValueError("a vocabulary holds each id once")

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.ids == other.ids

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def index_of(self, id_: str) -> int | None:
        """Return the row of ``id_``, or None when it is unknown."""
        return self._index.get(id_)

    def positions(self, ids: Iterable[str]) -> Int64Array:
        """Return the rows of ``ids`` as ``(n,) int64``; -1 stands for an unknown id."""
        return np.fromiter((self._index.get(id_, -1) for id_ in ids), dtype=np.int64)

    @cached_property
    def order(self) -> Int64Array:
        """The place of each row among all, sorted by id, ``(n,) int64``."""
        places = np.empty(len(self.ids), dtype=np.int64)
        places[sorted(range(len(self.ids)), key=self.ids.__getitem__)] = np.arange(len(self.ids))
        return places

    def tie_order(self, popularity: AnyArray) -> Int64Array:
        """Return the place of each row by falling popularity, then by id, ``(n,) int64``.

        Args:
            popularity: ``(n,)`` numbers.
        """
        places = np.empty(len(self.ids), dtype=np.int64)
        places[np.lexsort((self.order, -popularity))] = np.arange(len(self.ids))
        return places

    @cached_property
    def content_hash(self) -> str:
        """Hash of the ids and their order: two equal hashes mean interchangeable matrices."""
        digest = hashlib.blake2b(digest_size=16)
        for id_ in self.ids:
            encoded = id_.encode()
            digest.update(len(encoded).to_bytes(4, "little"))
            digest.update(encoded)
        return digest.hexdigest()
