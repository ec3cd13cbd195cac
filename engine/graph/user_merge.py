"""Make one user of two (``cypher/merge``): each transaction moves some relationships or none."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import UsageError
from engine.graph import aliases, batch_writes, person_records
from engine.graph.batch_marks import in_batch
from engine.store.graph_client import GraphClient, Transaction

_RELATIONS = 5_000
_MOVED_WHOLE = ("INTERACTED", "DISLIKES", "WAS_SHOWN")
"""Types of which one user may have several to one node; of a fact there is one."""


@dataclass(frozen=True)
class MergedUser:
    """What became of a merge.

    Attributes:
        user: Whose everything is now.
        old: The id that stands for that user from now on.
        moved: Type of relationship to how many moved, ``INTERACTED`` for events; empty where
            nothing was left to move.
    """

    user: str
    old: str
    moved: Mapping[str, int]

    @property
    def events(self) -> int:
        """How many events moved."""
        return self.moved.get("INTERACTED", 0)


def checked(client: GraphClient, old: str, user: str) -> str:
    """Return the user whom another is merged into, whatever id was given for them.

    Raises:
        UsageError: They are one user already in the other direction, or the old id stands for
            somebody else.
    """
    if old == user:
        raise UsageError(
            f"{old!r} cannot be merged into itself",
            hint="name the anonymous id first, then who logged in: engine merge-users x1 alice",
        )
    stands_for = aliases.current(client, [old, user])
    user = stands_for.get(user, user)
    if user == old:
        raise UsageError(
            f"{old!r} cannot be merged into an id that stands for it already",
            hint="nothing is to be done: they are one user",
        )
    if (other := stands_for.get(old, user)) != user:
        raise UsageError(
            f"{old!r} stands for {other!r} already, not for {user!r}",
            hint=f"to make these two one user: engine merge-users {other} {user}",
        )
    return user


def merge(client: GraphClient, old: str, user: str, barrier: Callable[[], None]) -> MergedUser:
    """Move everything of one user to another; cut off, the same call goes on.

    Args:
        client: The graph.
        old: Whose id stands for the other one from now on.
        user: As ``checked`` returns it; created where new.
        barrier: Waits until every write that began before the old id stood for the user has ended.
    """
    client.write("merge/begin", old=old, user=user)
    barrier()
    moved: Counter[str] = Counter()
    for row in client.read("merge/relations", user=old):
        moved[row["relation"]] = _moved(client, row["relation"], old, user)
    _take_attributes(client, old, user)
    batch_writes.remove_nodes(client, "User", [old])
    return MergedUser(user, old, dict(moved))


def _moved(client: GraphClient, relation: str, old: str, user: str) -> int:
    whole = relation in _MOVED_WHOLE
    name = "merge/move_events" if whole else "merge/move_facts"
    given: dict[str, Any] = {"old": old, "user": user}
    if whole:
        given["limit"] = _RELATIONS

    def work(tx: Transaction, _batch: int) -> int:
        return int(tx.run(name, {"relation": relation}, **given)[0]["moved"])

    total = 0
    while rows := in_batch(client, batch_writes.NO_LOAD, work):
        total += rows
    return total


def _take_attributes(client: GraphClient, old: str, user: str) -> None:
    """Give a user the attributes that only the old one has."""
    theirs = person_records.attributes(client, old) or {}
    own = person_records.attributes(client, user) or {}
    new = {name: value for name, value in theirs.items() if name not in own}
    if new:
        row = {"id": user, "attributes": new, "vectors": {}}
        batch_writes.set_attributes(client, "User", [row], batch_writes.NO_LOAD)
