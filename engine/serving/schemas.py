"""What goes in, field by field; whatever is not named here is refused.

Requests are strict: text is no number and true is no one.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypedDict
from urllib.parse import unquote_to_bytes

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from engine.answering.answers import BasketSimilarity, Similarity
from engine.data.conditions import Condition, parse_where
from engine.data.duration import DURATION
from engine.data.event_kinds import EVENT_KIND
from engine.data.events import MAX_POSITION, MAX_WEIGHT
from engine.data.id_rule import CONTROL_CHARACTERS, MAX_ID_BYTES
from engine.data.list_id import LIST_ID
from engine.graph.lists.question import MAX_ATTRIBUTES

MAX_K = 100
MAX_ITEMS = 50
MAX_EVENTS = 500
MAX_FILTERS = 20
REPEATABLE = frozenset({"where", "event"})
"""Parameters of a query string that may be given more than once."""
_CONTROL = re.compile(CONTROL_CHARACTERS)
FAR = 10**17
"""Microseconds of the year 5138: no number of a time is larger."""


def _within_bytes(value: str) -> str:
    size = len(value.encode("utf-8"))
    if size > MAX_ID_BYTES:
        raise ValueError(f"has {size} bytes in UTF-8; an id has at most {MAX_ID_BYTES}")
    return value


def _without_control(value: str) -> str:
    if found := _CONTROL.search(value):
        code = ord(found.group())
        raise ValueError(f"holds the control character U+{code:04X}, which no id may: leave it out")
    return value


def _unquoted(value: Any) -> Any:
    """Decode a segment of a path, once: ``a%2Fb`` is an id with a slash."""
    if not isinstance(value, str):
        return value
    try:
        return unquote_to_bytes(value).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError("is not percent-encoded UTF-8") from error


_Shown = Annotated[
    str,
    AfterValidator(_within_bytes),
    AfterValidator(_without_control),
    Field(json_schema_extra={"pattern": r"^[^\x00-\x1f\x7f-\x9f]*$"}),
]
Id = Annotated[_Shown, Field(min_length=1, max_length=MAX_ID_BYTES)]
Prefix = Annotated[_Shown, Field(max_length=MAX_ID_BYTES)]
PathId = Annotated[Id, BeforeValidator(_unquoted)]
ListId = Annotated[str, StringConstraints(pattern=LIST_ID)]
Text = Annotated[str, StringConstraints(max_length=MAX_ID_BYTES)]
_NAME = "[a-z][a-z0-9_]{0,62}"
Attribute = Annotated[str, StringConstraints(pattern=rf"^{_NAME}$")]
AttributeFilters = Annotated[
    dict[Attribute, Annotated[list[Text], Field(min_length=1, max_length=MAX_FILTERS)]],
    Field(max_length=MAX_FILTERS),
]
AttributeNames = Annotated[
    list[Attribute],
    Field(max_length=MAX_ATTRIBUTES, description="attributes that each item brings along"),
]
_NAMES = rf"^({_NAME}(,{_NAME}){{0,{MAX_ATTRIBUTES - 1}}})?$"
_WHERE = rf"^{_NAME}\s*(=|!=|<=?|>=?)[\s\S]{{0,256}}$"
Where = Annotated[str, StringConstraints(pattern=_WHERE)]
Cursor = Annotated[
    str | None, Field(description="of the page before: this one has none of the items until then")
]
NotShownWithin = Annotated[
    str | None,
    Field(pattern=DURATION, description="leave out what was shown so lately, and not used since"),
]
Explore = Annotated[
    float,
    Field(ge=0, le=1, allow_inf_nan=False, description="share of positions for little-known items"),
]
ItemCount = Annotated[int, Field(ge=1, le=MAX_K)]


def only_digits(value: Any) -> Any:
    """Take digits only: pydantic would take 10.0 and +10 too."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,6}", value):
        raise ValueError("is not a whole number in digits, such as 10")
    return value


QueryCount = Annotated[ItemCount, BeforeValidator(only_digits)]


class WhereRules(TypedDict):
    """What conditions become: those of equality, and the others."""

    filters: Mapping[str, Sequence[str]]
    conditions: tuple[Condition, ...]


def where_rules(where: Sequence[str], filters: Mapping[str, Sequence[str]]) -> WhereRules:
    """Return what texts, and filters beside them, become.

    Raises:
        UsageError: A text is no condition.
    """
    found, conditions = parse_where(where)
    for name, values in filters.items():
        found[name] = (*found.get(name, ()), *values)
    return {"filters": found, "conditions": conditions}


class ItemQuery(BaseModel):
    """A query string; a name that is not known is refused."""

    model_config = ConfigDict(extra="forbid")

    k: QueryCount = 10
    cursor: Cursor = None
    not_shown_within: NotShownWithin = None
    explore: Explore = 0.0
    where: Annotated[list[Where], Field(max_length=MAX_FILTERS)] = []
    attributes: Annotated[
        str,
        Field(
            alias="return",
            pattern=_NAMES,
            description="attributes that each item brings along, with commas: name,price",
        ),
    ] = ""

    def attribute_names(self) -> tuple[str, ...]:
        """Return the names that ``return`` holds."""
        return tuple(filter(None, self.attributes.split(",")))

    def rules(self) -> WhereRules:
        """Return what the conditions become.

        Raises:
            UsageError: One is none.
        """
        return where_rules(self.where, {})


class NoQuery(BaseModel):
    """No parameter at all; the route takes what it needs in its path and body."""

    model_config = ConfigDict(extra="forbid")


class RecommendationQuery(ItemQuery):
    """How to recommend to a user."""

    exclude_seen: bool = True


class NamedListQuery(BaseModel):
    """For whom a named list is made, and how many items; else as many as it says."""

    model_config = ConfigDict(extra="forbid")
    user: Id | None = None
    k: QueryCount | None = None
    cursor: Cursor = None


class SimilarQuery(ItemQuery):
    """What goes with an item."""

    user: Id | None = None
    by: Similarity = "embedding"


class HistoryQuery(BaseModel):
    """How many events."""

    model_config = ConfigDict(extra="forbid")
    limit: QueryCount = 50


class NightListQuery(BaseModel):
    """How many nights."""

    model_config = ConfigDict(extra="forbid")
    limit: QueryCount = 40


class ExplanationQuery(BaseModel):
    """How many paths."""

    model_config = ConfigDict(extra="forbid")
    k: Annotated[int, Field(ge=1, le=20)] = 5


class RequestBody(BaseModel):
    """A JSON body."""

    model_config = ConfigDict(extra="forbid", strict=True)


class BasketRequest(RequestBody):
    """A basket, for what else goes into it."""

    items: Annotated[list[Id], Field(min_length=1, max_length=MAX_ITEMS)]
    k: ItemCount = 10
    by: Annotated[
        BasketSimilarity,
        Field(
            description="within-basket: what shares baskets with these, and what the user takes "
            "anyway; bought-together: the first alone, without what the user ever had"
        ),
    ] = "within-basket"
    user: Id | None = None
    cursor: Cursor = None
    not_shown_within: NotShownWithin = None
    explore: Explore = 0.0
    filters: AttributeFilters = {}
    where: Annotated[list[Where], Field(max_length=MAX_FILTERS)] = []
    attributes: Annotated[AttributeNames, Field(alias="return")] = []


class EventRequest(RequestBody):
    """Who did what, when. The same event sent again counts once."""

    user_id: Id
    item_id: Id
    timestamp: Annotated[
        Annotated[str, StringConstraints(max_length=64)]
        | Annotated[int, Field(ge=0, le=FAR)]
        | None,
        Field(
            description="ISO 8601, UTC where no zone is named; or epoch s, ms or µs. Without one "
            "the event counts as the oldest, and without an event_id too the same again is known"
        ),
    ] = None
    event: Annotated[str, StringConstraints(pattern=EVENT_KIND)] = "interaction"
    weight: Annotated[float, Field(ge=-MAX_WEIGHT, le=MAX_WEIGHT, allow_inf_nan=False)] = 1.0
    event_id: Annotated[
        Id | None, Field(description="makes the event unique; otherwise its content does")
    ] = None
    basket_id: Id | None = None
    list_id: Annotated[
        ListId | None, Field(description="of the answer that led to it: it is attributed to that")
    ] = None
    list_position: Annotated[
        int | None, Field(ge=1, le=MAX_POSITION, description="where the item stood in that list")
    ] = None

    def as_row(self) -> dict[str, str]:
        """Return the event as a row of a file would hold it."""
        return {
            name: repr(value) if isinstance(value, float) else str(value)
            for name, value in self.model_dump(exclude_none=True).items()
        }


class EventsRequest(RequestBody):
    """Events, written whole or not at all."""

    events: Annotated[list[EventRequest], Field(min_length=1, max_length=MAX_EVENTS)]


class AuditedRequest(RequestBody):
    """For the audit."""

    why: Annotated[str, StringConstraints(max_length=500)] = ""


class RollbackRequest(AuditedRequest):
    """Back to the generation before, or to this one."""

    to: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
