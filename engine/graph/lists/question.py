"""What is asked of the graph: how many items, which may be shown, in what order, and what of them.

What excludes (``Rules``) is a parameter of every query and is decided there; what arranges
(``Arrangement``) is decided afterwards, over at most some hundreds of candidates: ``arrange``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.data.reading.columns import attribute_fault
from engine.data.rules import Filters, Rules, check_ids, check_number, check_texts
from engine.data.whole_numbers import check_whole
from engine.errors import UsageError

__all__ = ["MAX_K", "Arrangement", "Boost", "Filters", "Question"]

MAX_K = 1_000
MAX_FACTOR = 1_000.0
MAX_ATTRIBUTES = 20
_MAX_BOOSTS = 20


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
        check_ids("pins", self.pins)
        if len(self.boosts) > _MAX_BOOSTS:
            raise UsageError(
                f"boosts has {len(self.boosts)} boosts: at most {_MAX_BOOSTS} are allowed"
            )
        for boost in self.boosts:
            check_number("boosts", boost.factor, 0.0, MAX_FACTOR)
            check_texts("boosts", [boost.value, boost.trait or boost.value])
        if self.mmr is not None:
            check_number("mmr", self.mmr, 0.0, 1.0)
        if self.at_most is not None:
            check_texts("at_most", [self.at_most[0]])
            _whole("at_most", self.at_most[1])
        check_number("damping", self.damping, 0.0, 1.0)

    @property
    def traits(self) -> list[str]:
        """Names of the attributes and types that it looks at."""
        named = {boost.trait for boost in self.boosts if boost.trait is not None}
        return sorted(named | ({self.at_most[0]} if self.at_most else set()))

    def __bool__(self) -> bool:
        return self != Arrangement()


@dataclass(frozen=True)
class Question(Rules):
    """What is asked of the graph: the rules of what may be shown, how many items, in what order.

    Attributes:
        k: Length of the list, 1 to 1000.
        arrangement: How what may be shown is put in order.
        attributes: Names of those that each item brings along.
        explore: Share of the positions that is given to items of which little is known, 0 to 1.
    """

    k: int = 10
    arrangement: Arrangement = field(default_factory=Arrangement)
    attributes: tuple[str, ...] = ()
    explore: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no query may see.

        Raises:
            UsageError: A number, a list or an attribute is out of bounds; the message names it.
        """
        _whole("k", self.k)
        _check_attributes(self.attributes)
        check_number("explore", self.explore, 0.0, 1.0)
        if self.explore and self.arrangement.at_most is not None:
            raise UsageError(
                "explore and at_most do not go together: what is explored may be of any value",
                hint="leave one of them out",
            )
        super().__post_init__()

    def parameters(self) -> dict[str, Any]:
        """Return the parameters every list of items has: the exclusion rule's, and k."""
        return {"k": self.k} | self.values()


def _check_attributes(names: Sequence[str]) -> None:
    check_texts("attributes", names)
    if len(names) > MAX_ATTRIBUTES:
        raise UsageError(
            f"attributes has {len(names)} names: at most {MAX_ATTRIBUTES} are allowed",
            hint="leave some out",
        )
    for name in names:
        if fault := attribute_fault(name):
            raise UsageError(
                f"attributes names {name!r}, which no file can give: {fault}",
                hint="name columns of the items' file, as it is folded: --return price",
            )


def _whole(name: str, value: object) -> None:
    check_whole(name, value, 1, MAX_K, "use -k 10" if name == "k" else "")
