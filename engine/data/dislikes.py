"""Dislikes: which kinds of event say so, what is disliked, and what memory holds of it.

An event of these kinds is stored as ``(:User)-[:DISLIKES]->(:Item)``, apart from those that are
counted; ``(:User)-[:DISLIKES]->(:Entity)`` says it of everything that is joined to the entity.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.data.entity_kinds import EntityKind
from engine.errors import UsageError

DislikeKind: TypeAlias = Literal["dislike", "not_interested"]
DISLIKE_KINDS: tuple[DislikeKind, ...] = ("dislike", "not_interested")

_FACT = re.compile(r"(?P<type>[A-Z][A-Za-z0-9]{0,62})=(?P<id>.+)", re.DOTALL)


@dataclass(frozen=True)
class DislikedTarget:
    """What is disliked.

    Attributes:
        kind: ``Item``, or the type of an entity such as ``Brand``.
        id: Of the item, or of the entity within its type.
    """

    kind: str
    id: str

    def __post_init__(self) -> None:
        """Refuse what cannot be disliked.

        Raises:
            UsageError: The id is none, or users are meant.
        """
        from engine.data.id_rule import id_fault  # noqa: PLC0415 it needs polars, a list does not

        if (fault := id_fault(self.id)) is not None:
            raise UsageError(
                f"{self.id!r} is no id: {fault}", hint="engine dislike alice green-tea, or Brand=x"
            )
        if self.kind == "User":
            raise UsageError(
                f"User={self.id} cannot be disliked",
                hint="name an item, or a type of entity: engine dislike alice Brand=x",
            )

    @classmethod
    def of(cls, text: str) -> "DislikedTarget":
        """Return what a text names: ``Brand=x`` a fact, anything else an item.

        Raises:
            UsageError: It names nothing that can be disliked.
        """
        found = _FACT.fullmatch(text)
        return cls("Item", text) if found is None else cls(found["type"], found["id"])

    @property
    def node(self) -> EntityKind:
        """The kind of node it is."""
        return EntityKind(self.kind)

    @property
    def key(self) -> str:
        """What the node is found by: the id, or ``Brand:x``."""
        return self.node.key_of(self.id)

    def __str__(self) -> str:
        return f"{self.kind}={self.id}" if self.node.is_entity else self.id


@dataclass(frozen=True)
class HeldDislikes:
    """What one user dislikes, in memory.

    Attributes:
        items: Ids.
        facts: Keys of entities, such as ``Brand:x``.
    """

    items: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()

    def name(self, item: str, facts: frozenset[str] | None) -> bool:
        """Tell whether an item is disliked.

        Args:
            item: Its id.
            facts: Keys of the entities it is joined to; None: not known, so any may be one.
        """
        if item in self.items:
            return True
        return bool(self.facts) if facts is None else not self.facts.isdisjoint(facts)
