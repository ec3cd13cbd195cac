"""What users dislike: note it, take it back, list it (``cypher/feedback``)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.data.dislikes import DislikedTarget, DislikeKind, HeldDislikes
from engine.data.hashing import hash64
from engine.errors import AlreadyThere, NotFound
from engine.graph import aliases
from engine.graph.batch_marks import in_batch
from engine.store.graph_client import GraphClient, Transaction

_NO_LOAD = 0
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class DislikeEntry:
    """One thing that a user dislikes.

    Attributes:
        kind: ``Item``, or the type of an entity: everything that is joined to it.
        event: ``dislike`` or ``not_interested``.
        at: When it was said; None where no time was.
    """

    kind: str
    id: str
    name: str | None
    event: str
    at: datetime | None


def add(client: GraphClient, user: str, target: DislikedTarget, event: DislikeKind) -> bool:
    """Note that a user dislikes something and return whether that is new; it is a batch.

    Raises:
        NotFound: There is no such item or entity.
    """
    user = _current(client, user)
    # One key for the pair: of two that are written at once the second is refused.
    key = hash64(_SEPARATOR.join(("dislike", user, target.kind, target.id)))

    def work(tx: Transaction, batch: int) -> int:
        given = {"user": user, "target": target.key, "event": event, "key": key, "batch": batch}
        rows = tx.run("feedback/dislike", _slots(target), **given)
        if not rows:
            raise NotFound(
                f"there is no {target.kind.lower()} {target.id!r} to dislike",
                hint="engine query run browse/items lists items; a fact is written Brand=x",
            )
        return int(rows[0]["new"])

    try:
        return bool(in_batch(client, _NO_LOAD, work))
    except AlreadyThere:
        return False


def take_back(client: GraphClient, user: str, target: DislikedTarget) -> bool:
    """Remove a dislike, of ``add`` or of an event, and return whether it was there."""
    user = _current(client, user)

    def work(tx: Transaction, _batch: int) -> int:
        rows = tx.run("feedback/take_back", _slots(target), user=user, target=target.key)
        return int(rows[0]["removed"])

    return bool(in_batch(client, _NO_LOAD, work))


def of_user(client: GraphClient, user: str, limit: int = 100) -> list[DislikeEntry]:
    """Return what a user dislikes, the newest first; nothing of who is not known."""
    rows = client.read("feedback/of_user", user=_current(client, user), limit=limit)
    return [DislikeEntry(**row | {"at": _moment(row["at"])}) for row in rows]


def held(
    client: GraphClient, items: Sequence[str], user: str | None = None
) -> dict[str, HeldDislikes]:
    """Return user to dislikes, of some items and of every entity, for lists made in memory.

    Args:
        client: The graph.
        items: Ids of those that a list can be made of.
        user: Of this one alone; None: of everybody.
    """
    return {
        row["user"]: HeldDislikes(frozenset(row["items"]), frozenset(row["facts"]))
        for row in client.read("feedback/held", items=list(items), user=user)
    }


def _current(client: GraphClient, user: str) -> str:
    return aliases.current(client, [user]).get(user, user)


def _slots(target: DislikedTarget) -> dict[str, str]:
    return {"label": target.node.label, "identity": target.node.key_property}


def _moment(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at / 1_000, tz=UTC)
