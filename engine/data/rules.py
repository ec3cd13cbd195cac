"""Which items may be shown: one value, decided by two executors that pass one suite of tests.

The graph decides by ``cypher/part/may_be_shown.cypher``, with the parameters of ``Rules.values``.
While no server answers, memory decides by ``Rules.allow_item`` over what it holds of an item
(``tests/integration/publishing/test_rules.py`` runs every case through both). Memory holds no
events and no lists, so it does not know what a user has seen: ``Rules.undecided`` names what an
answer must say.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.data.conditions import MAX_CONDITIONS, Condition
from engine.errors import UsageError

MAX_IDS = 1_000
_MAX_TEXT = 256
_MAX_NAMES = 20
_MAX_DAYS = 36_500.0
_MILLISECONDS_PER_DAY = 86_400_000
Filters = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class HeldItem:
    """An item as the rules see it, in memory; a hidden one is not held.

    Attributes:
        score: Of the list it is held for.
        events: How many events are on it.
        expires_at: Epoch milliseconds, None: never.
        attributes: Attribute to its values, as text; a plain value is a set of one.
        facts: Keys of the entities it is joined to, such as ``Category:tea``; None where there are
            too many to be held: then no rule about facts lets it pass.
    """

    id: str
    name: str | None
    score: float
    events: int = 0
    expires_at: int | None = None
    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    facts: frozenset[str] | None = frozenset()


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Which items may be shown.

    Attributes:
        exclude_seen: Leave out what the user has used before.
        filters: Attribute to allowed values: one value of every attribute must match.
        conditions: On attributes, all of which must hold.
        now: Epoch milliseconds, against which items expire; None means the clock.
        seen_days: What was used longer ago may be shown again; None: never.
        seen_events: Only these kinds of event count as use; none named: every kind does.
        facts: Type of entity to ids, such as ``{"Category": ["tea"]}``: the item must be joined to
            one of the ids of every type.
        allow: Only these items; None: every item.
        block: None of these items.
        candidates: Only these items, as a caller brings them; None: every item.
        not_shown_within: Milliseconds: what the user was shown so lately, by a list that is
            remembered, and has not used since, is left out; None: it competes.
        listed: None of these either: they stand on the pages before this one.
    """

    exclude_seen: bool = True
    filters: Filters = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    now: int | None = None
    seen_days: float | None = None
    seen_events: tuple[str, ...] = ()
    facts: Filters = field(default_factory=dict)
    allow: tuple[str, ...] | None = None
    block: tuple[str, ...] = ()
    candidates: tuple[str, ...] | None = None
    not_shown_within: int | None = None
    listed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no executor may see.

        Raises:
            UsageError: A number, a list or an attribute is out of bounds; the message names it.
        """
        if len(self.conditions) > MAX_CONDITIONS:
            raise UsageError(
                f"where has {len(self.conditions)} conditions: at most {MAX_CONDITIONS} are allowed"
            )
        named = [one.attribute for one in self.conditions]
        named += [one.of_user for one in self.conditions if one.of_user is not None]
        check_texts("where", named)
        check_texts("where", [one.value for one in self.conditions if isinstance(one.value, str)])
        for attribute in (*self.filters, *named):
            if not attribute or attribute.startswith("embedding_g"):
                raise UsageError(
                    f"{attribute!r} cannot be filtered on", hint="use --where category=tea"
                )
        for name, filters in (("filters", self.filters), ("facts", self.facts)):
            if len(filters) > _MAX_NAMES:
                raise UsageError(
                    f"{name} has {len(filters)} names: at most {_MAX_NAMES} are allowed"
                )
            check_texts(name, filters)
            for values in filters.values():
                check_ids(name, values)
        if self.seen_days is not None:
            check_number("seen_days", self.seen_days, 0.0, _MAX_DAYS)
        check_ids("seen_events", self.seen_events)
        for name, ids in (("allow", self.allow), ("candidates", self.candidates)):
            if ids is not None:
                check_ids(name, ids)
        check_ids("block", self.block)
        check_ids("listed", self.listed)

    @property
    def only(self) -> list[str] | None:
        """The ids that both ``allow`` and ``candidates`` name; None: every item."""
        if self.allow is None or self.candidates is None:
            chosen = self.candidates if self.allow is None else self.allow
            return None if chosen is None else list(chosen)
        allowed = set(self.allow)
        return [id_ for id_ in self.candidates if id_ in allowed]

    @property
    def undecided(self) -> tuple[str, ...]:
        """Names of the rules that memory cannot decide, as it holds no events and no lists."""
        asked = {
            "exclude_seen": self.exclude_seen,
            "not_shown_within": self.not_shown_within is not None,
        }
        return tuple(name for name, wanted in asked.items() if wanted)

    def values(self) -> dict[str, Any]:
        """Return the parameters of the executor in Cypher, as its header names them."""
        now, days, rest = self._now(), self.seen_days, self.not_shown_within
        return {
            "exclude_seen": self.exclude_seen,
            "seen_since": None if days is None else now - int(days * _MILLISECONDS_PER_DAY),
            "seen_events": list(self.seen_events) or None,
            "shown_since": None if rest is None else now - rest,
            "filters": {name: list(values) for name, values in self.filters.items()},
            "conditions": [one.values() for one in self.conditions],
            "facts": self._fact_keys(),
            "block": [*self.block, *self.listed],
            "only": self.only,
            "now": now,
        }

    def allow_item(self, item: HeldItem) -> bool:
        """Tell, in memory, whether an item may be shown as far as ``undecided`` leaves it open."""
        if item.expires_at is not None and item.expires_at <= self._now():
            return False
        only = self.only
        if item.id in self.block or item.id in self.listed:
            return False
        if only is not None and item.id not in only:
            return False
        if not all(
            one.holds(item.attributes.get(one.attribute, frozenset())) for one in self.conditions
        ):
            return False
        held = item.facts or frozenset()
        return all(not held.isdisjoint(keys) for keys in self._fact_keys()) and all(
            not item.attributes.get(name, frozenset()).isdisjoint(allowed)
            for name, allowed in self.filters.items()
        )

    def _fact_keys(self) -> list[list[str]]:
        return [[f"{kind}:{id_}" for id_ in ids] for kind, ids in self.facts.items()]

    def _now(self) -> int:
        return int(time.time() * 1_000) if self.now is None else self.now


def check_number(name: str, value: object, low: float, high: float) -> None:
    """Refuse what is no number within a range.

    Raises:
        UsageError: It is none; a NaN is in no range.
    """
    if isinstance(value, bool) or not (isinstance(value, int | float) and low <= value <= high):
        raise UsageError(f"{name} must be a number from {low:g} to {high:g}, not {value!r}")


def check_ids(name: str, ids: Sequence[str]) -> None:
    """Refuse what is no list of texts that a query may see.

    Raises:
        UsageError: It is a text itself, too long, or holds something else.
    """
    if isinstance(ids, str) or len(ids) > MAX_IDS:
        raise UsageError(f"{name} must be a list of at most {MAX_IDS} texts")
    check_texts(name, ids)


def check_texts(name: str, texts: Iterable[object]) -> None:
    """Refuse what is no text of 1 to 256 bytes.

    Raises:
        UsageError: One of them is not.
    """
    for text in texts:
        try:
            short = isinstance(text, str) and 0 < len(text.encode("utf-8")) <= _MAX_TEXT
        except UnicodeEncodeError:  # half a character: no server takes it
            short = False
        if not short:
            raise UsageError(f"{name} must hold texts of 1 to {_MAX_TEXT} bytes")
