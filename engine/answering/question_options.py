"""What every list of items can be asked for beside its user or item, by name."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from engine.data.conditions import Condition, parse_where
from engine.data.duration import read_duration
from engine.data.list_cursor import read_cursor
from engine.data.option_names import check_names
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.graph.lists.question import Boost, Question

Values = str | Sequence[str]
Boosted = str | tuple[str, str]


class ListOptions(TypedDict, total=False):
    """Which items may be shown, and in what order: the same for every list.

    Attributes:
        exclude_seen: Leave out what the user has used before; False lets it compete.
        seen_days: Leave out only what was used in so many days.
        seen_events: Only these kinds of event count as use.
        not_shown_within: Leave out what the user was shown so lately, by lists that are
            remembered, and has not used since: ``30m``, ``6h``, ``7d``.
        where: Attribute to the value, or the values, that an item must have one of; or conditions
            as texts: ``category=tea``, ``category!=tea``, ``price<=20``, ``maker=user.maker``.
        facts: Type of entity to the id, or the ids, that an item must be joined to.
        allow: Only these items.
        block: None of these items.
        candidates: Choose among these items.
        pins: At the head of the list, in this order.
        boosts: Item id, or (attribute or type, value), to a factor: 0 to 1000. As pairs where one
            has several, which are multiplied.
        mmr: Diversity: 1 is relevance alone, 0 unlikeness alone.
        at_most: Attribute or type to how many items may have the same value; one of them.
        damping: How much popularity is held against an item: 0 to 1.
        attributes: Those that each item brings along: columns of the frame.
        explore: Share of the positions for items of which little is known: 0 to 1.
    """

    exclude_seen: bool
    seen_days: float | None
    seen_events: Sequence[str]
    not_shown_within: str | None
    where: Mapping[str, Values] | Values
    facts: Mapping[str, Values]
    allow: Sequence[str] | None
    block: Sequence[str]
    candidates: Sequence[str] | None
    pins: Sequence[str]
    boosts: Mapping[Boosted, float] | Sequence[tuple[Boosted, float]]
    mmr: float | None
    at_most: Mapping[str, int] | None
    damping: float
    attributes: Sequence[str]
    explore: float


def question_of(k: int, options: ListOptions, cursor: str | None = None) -> "Question":
    """Return the question that options make; with a cursor, for the page behind it.

    Raises:
        UsageError: An option is unknown or out of range; the message names it.
    """
    from engine.graph.lists.question import Arrangement, Question  # noqa: PLC0415 NumPy

    check_names(options, ListOptions, "a list has no option", "it has")
    filters, conditions = _conditions(options.get("where", {}))
    at_most, boosts = options.get("at_most"), options.get("boosts", ())
    if at_most is not None and len(at_most) != 1:
        raise UsageError(f"at_most names {len(at_most)} traits, not one", hint='{"category": 2}')
    return Question(
        k=k,
        exclude_seen=options.get("exclude_seen", True),
        filters=filters,
        conditions=conditions,
        seen_days=options.get("seen_days"),
        seen_events=_several(options.get("seen_events", ())),
        not_shown_within=read_duration("not_shown_within", options.get("not_shown_within")),
        facts=_grouped(options.get("facts", {})),
        allow=_some(options.get("allow")),
        block=_several(options.get("block", ())),
        candidates=_some(options.get("candidates")),
        arrangement=Arrangement(
            pins=_several(options.get("pins", ())),
            boosts=tuple(
                _boost(what, factor)
                for what, factor in (boosts.items() if isinstance(boosts, Mapping) else boosts)
            ),
            mmr=options.get("mmr"),
            at_most=next(iter(at_most.items())) if at_most else None,
            damping=options.get("damping", 0.0),
        ),
        attributes=_several(options.get("attributes", ())),
        listed=read_cursor(cursor),
        explore=options.get("explore", 0.0),
    )


def _conditions(
    where: Mapping[str, Values] | Values,
) -> tuple[Mapping[str, Sequence[str]], tuple[Condition, ...]]:
    if isinstance(where, Mapping):
        return _grouped(where), ()
    return parse_where(_several(where))


def _several(values: Values) -> tuple[str, ...]:
    """Return the values; one that stands alone is a sequence of one, not of its letters."""
    return (values,) if isinstance(values, str) else tuple(values)


def _some(values: Values | None) -> tuple[str, ...] | None:
    return None if values is None else _several(values)


def _grouped(given: Mapping[str, Values]) -> dict[str, Sequence[str]]:
    return {name: _several(values) for name, values in given.items()}


def _boost(what: Boosted, factor: float) -> "Boost":
    from engine.graph.lists.question import Boost  # noqa: PLC0415 NumPy

    if isinstance(what, str):
        return Boost(factor, what)
    trait, value = what
    return Boost(factor, value, trait)
