"""Kinds of nodes that facts join, the facts of a node, and the relations that are no facts."""

from dataclasses import dataclass
from typing import NamedTuple

RESERVED_RELATIONS = (
    "INTERACTED",
    "DISLIKES",
    "ALIAS_OF",
    "CO_OCCURRED",
    "FOLLOWED_BY",
    "SIMILAR",
    "WAS_SHOWN",
)
"""Relationship types that the engine gives a meaning of its own."""


@dataclass(frozen=True)
class EntityKind:
    """One kind of node that a fact can join: ``User``, ``Item`` or a type of entity."""

    name: str

    @property
    def is_entity(self) -> bool:
        """Whether nodes of this kind are knowledge-graph entities."""
        return self.name not in ("User", "Item")

    @property
    def label(self) -> str:
        """Label that carries the uniqueness constraint."""
        return "Entity" if self.is_entity else self.name

    @property
    def key_property(self) -> str:
        """Property that is unique under ``label``."""
        return "key" if self.is_entity else "id"

    def key_of(self, id_: str) -> str:
        """Return the value of ``key_property``: two types may use one id for two things."""
        return f"{self.name}:{id_}" if self.is_entity else id_


class OwnFact(NamedTuple):
    """A fact of which the user or item is the head."""

    relation: str
    tail_type: str
    tail: str
