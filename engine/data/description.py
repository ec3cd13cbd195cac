"""What somebody says of one user or item: its attributes and its facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.data.arrays import Float32Array
from engine.data.attributes import Value
from engine.data.entity_kinds import OwnFact


@dataclass(frozen=True)
class Description:
    """What is said of one user or item.

    Attributes:
        attributes: Name to value, vectors apart.
        vectors: Name to ``(width,) float32``.
        removed: Names of attributes that it shall have no more.
        facts: All that it is the head of, with the key of each; None: nothing is said of them.
    """

    id: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    vectors: Mapping[str, Float32Array] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    facts: Mapping[OwnFact, int] | None = None
