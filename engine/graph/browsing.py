"""Look into the graph: users and items, what is said of them, what they did (``cypher/browse``)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from engine.data.entity_kinds import RESERVED_RELATIONS, OwnFact
from engine.errors import NotFound
from engine.store.graph_client import GraphClient, Row

# What Lucene's grammar of queries gives a meaning, in a phrase and in a word.
_QUOTED = re.compile(r'(["\\])')
_SPECIAL = re.compile(r'([+\-&|!(){}\[\]^"~*?:\\/])')
_ESCAPED = r"\\\1"
_LAST = "\U0010ffff"
"""No character sorts behind it, and no id has it."""


@dataclass(frozen=True)
class ListedUser:
    """A user of a list."""

    id: str
    name: str | None


@dataclass(frozen=True)
class PastEvent:
    """Something that a user did.

    Attributes:
        id: Of the item.
        name: Of the item.
        kind: Of the event, such as ``buy``.
        at: When, None where the event has no time.
    """

    id: str
    name: str | None
    kind: str | None
    at: datetime | None
    weight: float


@dataclass(frozen=True)
class History:
    """What a user did.

    Attributes:
        total: How many events there are in all.
        events: The newest first; those without a time come last.
    """

    user: str
    name: str | None
    total: int
    events: tuple[PastEvent, ...]


@dataclass(frozen=True)
class CatalogueItem:
    """An item among all that there are.

    Attributes:
        hidden: Whether every list of recommendations leaves it out.
        expires_at: Epoch milliseconds from which on they do, None: never.
    """

    id: str
    name: str | None
    hidden: bool
    expires_at: int | None


@dataclass(frozen=True)
class StoredDescription:
    """What is said of a user or an item.

    Attributes:
        attributes: Name to text, boolean, list of texts, or the numbers of a vector.
        facts: Those it is the head of, the first thousand by relation, type and id of the tail.
    """

    id: str
    attributes: Mapping[str, Any]
    facts: tuple[OwnFact, ...]


def description(client: GraphClient, label: Literal["User", "Item"], id_: str) -> StoredDescription:
    """Return what is said of a user or an item.

    Raises:
        NotFound: There is none of that id.
    """
    rows = client.read(
        "browse/described", {"label": label}, id=id_, own_relations=list(RESERVED_RELATIONS)
    )
    if not rows:
        raise NotFound(f"there is no {label.lower()} {id_}", hint="ids are those of your files")
    facts = (OwnFact(one["relation"], one["tail_type"], one["tail"]) for one in rows[0]["facts"])
    attributes = {name: _plain(value) for name, value in rows[0]["attributes"]}
    return StoredDescription(id_, attributes, tuple(facts))


def _plain(value: Any) -> Any:
    """Return a value of a load as it is; what another program wrote, such as a point, as text."""
    return value if isinstance(value, str | bool | int | float | list) else str(value)


def items(client: GraphClient, prefix: str, after: str, limit: int) -> list[CatalogueItem]:
    """Return the items whose ids begin with ``prefix`` and come after ``after``, in their order.

    Raises:
        UsageError: limit is out of range.
    """
    # A range of the index from the page's first id on: by STARTS WITH each page would pass over
    # those before it.
    start, end = max(prefix, after), prefix + _LAST
    rows = client.ask("browse/items", start=start, end=end, without=after, limit=limit)
    return [CatalogueItem(**row) for row in rows]


def items_named(client: GraphClient, text: str, limit: int) -> list[CatalogueItem]:
    """Return the items whose names have every word of a text, the best match first.

    The last word may be the beginning of one.

    Raises:
        UsageError: limit is out of range.
    """
    words = text.split()
    if not words:
        return []
    rows = client.ask("browse/items_by_name", words=_lucene(words), limit=limit)
    return [CatalogueItem(**row) for row in rows]


def _lucene(words: Sequence[str]) -> str:
    """Return words as a query of a full-text index, of whose own signs none means anything."""
    phrases = [f'"{_QUOTED.sub(_ESCAPED, word)}"' for word in words]
    beginning = f"{_SPECIAL.sub(_ESCAPED, words[-1])}*"
    return " AND ".join([*phrases[:-1], f"({phrases[-1]} OR {beginning})"])


def users(client: GraphClient, prefix: str, limit: int) -> list[ListedUser]:
    """Return the users whose ids begin with ``prefix``, in the order of their ids.

    Raises:
        UsageError: limit is out of range.
    """
    return [ListedUser(**row) for row in client.ask("browse/users", prefix=prefix, limit=limit)]


def users_after(client: GraphClient, after: str, limit: int) -> list[str]:
    """Return the next user ids in order."""
    return [row["id"] for row in client.read("browse/users_after", after=after, limit=limit)]


def users_named(client: GraphClient, text: str, limit: int) -> list[ListedUser]:
    """Return the users whose names have every word of a text, as ``items_named`` does.

    Raises:
        UsageError: limit is out of range.
    """
    words = text.split()
    if not words:
        return []
    rows = client.ask("browse/users_by_name", words=_lucene(words), limit=limit)
    return [ListedUser(**row) for row in rows]


def history(client: GraphClient, user: str, limit: int) -> History:
    """Return what a user did, the newest first.

    Raises:
        NotFound: There is no such user.
        UsageError: limit is out of range.
    """
    row = client.ask("browse/history", user=user, limit=limit)[0]
    if not row["known"]:
        raise NotFound(f"there is no user {user}", hint="ids are those of your files")
    return History(user, row["name"], row["total"], tuple(map(_event, row["events"])))


def _event(row: Row) -> PastEvent:
    at = row["at"]
    moment = None if at is None else datetime.fromtimestamp(at / 1000, tz=UTC)
    return PastEvent(**{**row, "at": moment})
