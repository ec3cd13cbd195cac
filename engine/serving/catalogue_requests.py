"""What may be said of users and items, field by field; the values are judged as those of files."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from engine.serving.schemas import FAR, Id, Prefix, QueryCount, RequestBody

MAX_ROWS = 500
MAX_ATTRIBUTES = 200
MAX_FACTS = 200
MAX_VALUES = 65_536
MAX_NAME = 256
_TEA: JsonDict = {"name": "Green tea", "category": "tea", "price": 4.5}
_IN_CATEGORY: JsonDict = {"relation": "IN_CATEGORY", "tail": "tea", "tail_type": "Category"}

AttributeName = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=MAX_NAME, pattern=r"^[^_\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    ),
]
_Plain = str | bool | int | float
GivenValue = _Plain | Annotated[list[_Plain], Field(max_length=MAX_VALUES)] | None
Attributes = Annotated[
    dict[AttributeName, GivenValue],
    Field(
        default_factory=dict,
        max_length=MAX_ATTRIBUTES,
        description="Name to value: text, a number, true, false, a list of texts, or a vector; "
        "null removes. Names are folded as those of columns are: Product Group is product_group",
    ),
]
Moment = (
    Annotated[str, StringConstraints(max_length=64)] | Annotated[int, Field(ge=0, le=FAR)] | None
)


class FactEntry(RequestBody):
    """A fact of which the user or the item is the head."""

    relation: Annotated[str, StringConstraints(min_length=1, max_length=63)]
    tail: Id
    tail_type: Annotated[str, StringConstraints(min_length=1, max_length=63)] = "Thing"


Facts = Annotated[
    list[FactEntry],
    Field(
        default_factory=list,
        max_length=MAX_FACTS,
        description="All facts of which it is the head: others are removed. Left out, they stay",
    ),
]


class UserDescription(RequestBody):
    """What is said of a user."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"attributes": {"name": "Alice", "segment": "b2b"}}}
    )
    attributes: Attributes
    facts: Facts


class ItemDescription(UserDescription):
    """What is said of an item."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"attributes": _TEA, "hidden": False, "facts": [_IN_CATEGORY]}
        }
    )
    hidden: Annotated[
        bool | None, Field(description="true: every list leaves it out, from the next answer on")
    ] = None
    expires_at: Annotated[
        Moment, Field(description="from when on every list leaves it out; ISO 8601, or epoch s, ms")
    ] = None


class UserToDescribe(UserDescription):
    """What is said of one user of several."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": "alice", "attributes": {"segment": "b2b"}}}
    )
    id: Id


class ItemToDescribe(ItemDescription):
    """What is said of one item of several."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": "green-tea", "attributes": _TEA, "hidden": True}}
    )
    id: Id


class UsersRequest(RequestBody):
    """Descriptions of users, written whole or not at all."""

    users: Annotated[list[UserToDescribe], Field(min_length=1, max_length=MAX_ROWS)]


class ItemsRequest(RequestBody):
    """Descriptions of items, written whole or not at all."""

    items: Annotated[list[ItemToDescribe], Field(min_length=1, max_length=MAX_ROWS)]


class UserSearch(BaseModel):
    """Which users to list: by the beginning of their ids, or by words of their names."""

    model_config = ConfigDict(extra="forbid")
    prefix: Prefix = ""
    q: Annotated[
        str | None,
        StringConstraints(max_length=MAX_NAME),
        Field(description="words of the name, the last one perhaps a beginning; the best first"),
    ] = None
    limit: QueryCount = 20

    @model_validator(mode="before")
    @classmethod
    def _one_way(cls, given: Any) -> Any:
        if isinstance(given, dict) and "q" in given and {"prefix", "after"} & set(given):
            raise ValueError("q stands alone: leave prefix and after out, or q")
        return given


class ItemSearch(UserSearch):
    """Which items to list, as users are; by id, page by page."""

    after: Annotated[
        Prefix, Field(description="go on behind this id: the last one of the page before")
    ] = ""
