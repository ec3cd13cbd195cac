"""Read which entities users dislike, a page of users at a time, and put it back."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass

from engine.graph import aliases, batch_writes
from engine.graph.batch_marks import in_batch
from engine.store.graph_client import GraphClient, Transaction

_USERS_PER_QUERY = 2_000


@dataclass(frozen=True)
class FactDislike:
    """That a user dislikes everything that is joined to an entity.

    Attributes:
        entity: Its key, such as ``Brand:x``.
        at: Milliseconds since 1970, UTC; None where no time was.
    """

    user: str
    entity: str
    event: str
    at: int | None
    weight: float
    key: int


def pages(client: GraphClient, after: str = "") -> Iterator[list[FactDislike]]:
    """Yield what the users after an id dislike, by user, entity and key; no page is empty."""
    while True:
        rows = client.read("exchange/fact_dislikes", after=after, limit=_USERS_PER_QUERY)
        if not rows:
            return
        found = [FactDislike(**row) for row in rows]
        after = found[-1].user
        yield found


def restore(client: GraphClient, dislikes: Sequence[FactDislike]) -> int:
    """Write those that are not there, as one batch, and return how many there were.

    Args:
        client: The graph.
        dislikes: Of users; those of an id that stands for another user become that user's.
    """
    current = aliases.current(client, [one.user for one in dislikes])
    rows = [[current.get(one.user, one.user), *astuple(one)[1:]] for one in dislikes]

    def work(tx: Transaction, batch: int) -> int:
        written = tx.run("exchange/restore_fact_dislikes", rows=rows, batch=batch)
        return int(written[0]["written"])

    return in_batch(client, batch_writes.NO_LOAD, work)
