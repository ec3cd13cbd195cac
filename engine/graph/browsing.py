"""Look into the graph: which users there are, and what one of them did (``cypher/browse``)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from engine.errors import NotFound
from engine.store.graph_client import GraphClient, Row


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


def users(client: GraphClient, prefix: str, limit: int) -> list[ListedUser]:
    """Return the users whose ids begin with ``prefix``, in the order of their ids.

    Raises:
        UsageError: limit is out of range.
    """
    return [ListedUser(**row) for row in client.ask("browse/users", prefix=prefix, limit=limit)]


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
