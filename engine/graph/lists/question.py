"""What is asked of the graph: how many items, which may be shown, and how they are put in order.

What excludes (``Question``) is a parameter of every query and is decided there; what arranges
(``Arrangement``) is decided afterwards, over at most some hundreds of candidates: ``arrange``.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import UsageError

MAX_K = 1_000
MAX_IDS = 1_000
MAX_FACTOR = 1_000.0
_MAX_TEXT = 256
_MAX_NAMES = 20
_MAX_DAYS = 36_500.0
_MILLISECONDS_PER_DAY = 86_400_000
Filters = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Boost:
    """A factor on the relevance of one item, or of every item with a trait of a value.

    Attributes:
        factor: 0 to 1000; below 1 it pushes down.
        value: Id of the item, or value of the trait.
        trait: An attribute, or a type of entity such as ``Category``; None: ``value`` is an id.
    """

    factor: float
    value: str
    trait: str | None = None


@dataclass(frozen=True)
class Arrangement:
    """How the items that may be shown are put in order; the formulas stand in ``arrange``.

    Attributes:
        pins: Ids to be put at the head, in this order, where they may be shown.
        boosts: Factors, multiplied where several apply.
        mmr: Share of relevance against likeness to what is listed already, 0 to 1; None: none.
        at_most: (trait, n): at most n items with the same value of an attribute or entity type.
        damping: How much popularity is held against an item, 0 to 1.
    """

    pins: tuple[str, ...] = ()
    boosts: tuple[Boost, ...] = ()
    mmr: float | None = None
    at_most: tuple[str, int] | None = None
    damping: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what has no meaning.

        Raises:
            UsageError: A list is too long or a number out of range; the message names it.
        """
        _ids("pins", self.pins)
        if len(self.boosts) > _MAX_NAMES:
            raise UsageError(f"boosts must be at most {_MAX_NAMES}")
        for boost in self.boosts:
            _number("boosts", boost.factor, 0.0, MAX_FACTOR)
            _texts("boosts", [boost.value, boost.trait or boost.value])
        if self.mmr is not None:
            _number("mmr", self.mmr, 0.0, 1.0)
        if self.at_most is not None:
            _texts("at_most", [self.at_most[0]])
            _whole("at_most", self.at_most[1])
        _number("damping", self.damping, 0.0, 1.0)

    @property
    def traits(self) -> list[str]:
        """Names of the attributes and types that it looks at."""
        named = {boost.trait for boost in self.boosts if boost.trait is not None}
        return sorted(named | ({self.at_most[0]} if self.at_most else set()))

    def __bool__(self) -> bool:
        return self != Arrangement()


@dataclass(frozen=True)
class Question:
    """What is asked of the graph.

    Attributes:
        k: Length of the list, 1 to 1000.
        exclude_seen: Leave out what the user has used before.
        filters: Attribute to allowed values: one value of every attribute must match.
        now: Epoch milliseconds, against which items expire; None means the clock.
        seen_days: What was used longer ago may be shown again; None: never.
        seen_events: Only these kinds of event count as use; none named: every kind does.
        facts: Type of entity to ids, such as ``{"Category": ["tea"]}``: the item must be joined to
            one of the ids of every type.
        allow: Only these items; None: every item.
        block: None of these items.
        candidates: Only these items, as a caller brings them; None: every item.
        arrangement: How what may be shown is put in order.
    """

    k: int = 10
    exclude_seen: bool = True
    filters: Filters = field(default_factory=dict)
    now: int | None = None
    seen_days: float | None = None
    seen_events: tuple[str, ...] = ()
    facts: Filters = field(default_factory=dict)
    allow: tuple[str, ...] | None = None
    block: tuple[str, ...] = ()
    candidates: tuple[str, ...] | None = None
    arrangement: Arrangement = field(default_factory=Arrangement)

    def __post_init__(self) -> None:
        """Refuse what no query may see.

        Raises:
            UsageError: A number, a list or an attribute is out of bounds; the message names it.
        """
        _whole("k", self.k)
        for attribute in self.filters:
            if not attribute or attribute.startswith("embedding_g"):
                raise UsageError(
                    f"{attribute!r} cannot be filtered on", hint="use --where category=tea"
                )
        for name, filters in (("filters", self.filters), ("facts", self.facts)):
            if len(filters) > _MAX_NAMES:
                raise UsageError(f"{name} must name at most {_MAX_NAMES}")
            _texts(name, filters)
            for values in filters.values():
                _ids(name, values)
        if self.seen_days is not None:
            _number("seen_days", self.seen_days, 0.0, _MAX_DAYS)
        _ids("seen_events", self.seen_events)
        for name, ids in (("allow", self.allow), ("candidates", self.candidates)):
            if ids is not None:
                _ids(name, ids)
        _ids("block", self.block)

    def parameters(self) -> dict[str, Any]:
        """Return the parameters every list of items has: the exclusion rule's, and k."""
        now = int(time.time() * 1_000) if self.now is None else self.now
        days = self.seen_days
        return {
            "k": self.k,
            "exclude_seen": self.exclude_seen,
            "seen_since": None if days is None else now - int(days * _MILLISECONDS_PER_DAY),
            "seen_events": list(self.seen_events) or None,
            "filters": {name: list(values) for name, values in self.filters.items()},
            "facts": [[f"{type_}:{id_}" for id_ in ids] for type_, ids in self.facts.items()],
            "block": list(self.block),
            "only": self._only(),
            "now": now,
        }

    def _only(self) -> list[str] | None:
        if self.allow is None or self.candidates is None:
            chosen = self.candidates if self.allow is None else self.allow
            return None if chosen is None else list(chosen)
        allowed = set(self.allow)
        return [id_ for id_ in self.candidates if id_ in allowed]


def _whole(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_K:
        raise UsageError(
            f"{name} must be a whole number from 1 to {MAX_K}",
            hint="use -k 10" if name == "k" else "",
        )


def _number(name: str, value: object, low: float, high: float) -> None:
    # A NaN is in no range.
    if isinstance(value, bool) or not (isinstance(value, int | float) and low <= value <= high):
        raise UsageError(f"{name} must be a number from {low:g} to {high:g}, not {value!r}")


def _ids(name: str, ids: Sequence[str]) -> None:
    if isinstance(ids, str) or len(ids) > MAX_IDS:
        raise UsageError(f"{name} must be a list of at most {MAX_IDS} texts")
    _texts(name, ids)


def _texts(name: str, texts: Iterable[object]) -> None:
    for text in texts:
        try:
            short = isinstance(text, str) and 0 < len(text.encode("utf-8")) <= _MAX_TEXT
        except UnicodeEncodeError:  # half a character: no server takes it
            short = False
        if not short:
            raise UsageError(f"{name} must hold texts of 1 to {_MAX_TEXT} bytes")
