"""What a kind of event weighs: ``[events]`` of engine.toml, such as purchase = 3 and view = 0.2.

The graph keeps what was loaded, so the weights may change any night. They multiply the weight that
an event has of its own wherever that counts, and where events are counted each counts what its kind
weighs (docs/weights.md).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.data.arrays import BoolArray, Float64Array
from engine.data.dislikes import DISLIKE_KINDS
from engine.data.event_kinds import check_kinds
from engine.data.interactions import Interactions
from engine.errors import UsageError

MAX_KIND_WEIGHT = 1e6


@dataclass(frozen=True)
class KindWeights:
    """Factors on the weights of events.

    Attributes:
        kinds: Kind of event to factor; one that is not named has 1. Events of a kind with 0 or less
            are not learned from, and count nowhere.
    """

    kinds: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what has no meaning.

        Raises:
            UsageError: A kind cannot be one, or a factor is out of range.
        """
        check_kinds({f"events.{kind}": kind for kind in self.kinds})
        for kind, factor in self.kinds.items():
            if not abs(factor) <= MAX_KIND_WEIGHT:  # a NaN is in no range
                raise UsageError(
                    f"events.{kind} must be a number from -{MAX_KIND_WEIGHT:g} to "
                    f"{MAX_KIND_WEIGHT:g}, not {factor}",
                    hint=f"write {kind} = 1 below [events] of engine.toml",
                )
            if kind in DISLIKE_KINDS and factor >= 0:
                raise UsageError(
                    f"events.{kind} must be below 0, not {factor:g}: what is disliked is shown to "
                    "nobody who dislikes it",
                    hint=f"leave {kind} out, or write {kind} = -1",
                )

    @classmethod
    def of(cls, events: Interactions) -> "KindWeights":
        """Return those by which events were weighed."""
        pairs = zip(events.events, events.kind_weights, strict=False)
        return cls({kind: factor for kind, factor in pairs if kind})

    def __bool__(self) -> bool:
        return any(kind not in DISLIKE_KINDS for kind in self.kinds)

    def weighed(self, events: Interactions) -> tuple[Interactions, BoolArray]:
        """Return the events that are learned from by what they weigh, and which of all these are.

        The mask is ``(n,) bool``, for what stands beside the events, such as their baskets.
        """
        if not self:
            return events, np.ones(len(events), dtype=np.bool_)
        factors = self._of(events.events)
        of_event = factors[events.event] if len(factors) else np.ones(0)
        kept = of_event > 0
        weight = (events.weight * of_event).astype(np.float32)
        weighed = replace(events, weight=weight, kind_weights=tuple(factors.tolist()))
        return weighed.select(kept), kept

    def stored(self) -> dict[str, Any]:
        """Return what ``cypher/part/kind_weight.cypher`` reads from the generation's node."""
        if not self:
            return {}
        return {"kinds": list(self.kinds), "kind_weights": self._of(tuple(self.kinds)).tolist()}

    def without(self, kinds: Collection[str]) -> "KindWeights":
        """Return the factors less those of some kinds."""
        return KindWeights({kind: one for kind, one in self.kinds.items() if kind not in kinds})

    def strength(self, kind: str) -> float:
        """Return how much a dislike of a kind counts against an item, above 0."""
        return -self.kinds.get(kind, -1.0)

    def _of(self, names: tuple[str, ...]) -> Float64Array:
        factors = [max(self.kinds.get(name, 1.0), 0.0) for name in names]
        return np.array(factors, dtype=np.float64)


EQUAL = KindWeights()
"""Every kind counts alike."""
