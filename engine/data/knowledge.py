"""Knowledge: the facts of the graph as columns of positions."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from engine.data.arrays import Int64Array
from engine.data.vocabulary import Vocabulary


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Facts (head, relation, tail) between users, items and entities.

    Nodes are numbered through: users first, then items, then entities, each in the order of its
    vocabulary. Facts are sorted by relation, head and tail, and none is there twice.

    Attributes:
        n_users: Nodes before the first item.
        n_items: Nodes between the users and the first entity.
        entities: Keys of the entities, such as ``Brand:69``.
        relations: Names of the relations, sorted.
        head: ``(n,) int64`` positions.
        relation: ``(n,) int64`` rows of ``relations``.
        tail: ``(n,) int64`` positions.
    """

    n_users: int
    n_items: int
    entities: Vocabulary
    relations: tuple[str, ...]
    head: Int64Array
    relation: Int64Array
    tail: Int64Array

    @classmethod
    def of(
        cls,
        counts: tuple[int, int],
        entities: Vocabulary,
        relations: tuple[str, ...],
        facts: tuple[Int64Array, Int64Array, Int64Array],
    ) -> "Knowledge":
        """Put facts (heads, relations, tails) between (users, items) and entities in order."""
        rows = np.unique(np.stack([facts[1], facts[0], facts[2]], axis=1), axis=0)
        return cls(*counts, entities, relations, rows[:, 1], rows[:, 0], rows[:, 2])

    @property
    def n_nodes(self) -> int:
        """Users, items and entities together."""
        return self.n_users + self.n_items + len(self.entities)

    def __len__(self) -> int:
        return len(self.head)

    def digest(self) -> bytes:
        """Return what two equal sets of facts have in common, and no others."""
        digest = blake2b(digest_size=12)
        digest.update(self.entities.content_hash.encode())
        digest.update("\x1f".join(self.relations).encode())
        for column in (self.head, self.relation, self.tail):
            digest.update(np.ascontiguousarray(column).tobytes())
        return digest.digest()
