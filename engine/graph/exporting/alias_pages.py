"""Read the ids that stand for users since a merge, a page at a time, and put them back."""

from collections.abc import Iterator, Sequence

from engine.graph import aliases
from engine.store.graph_client import GraphClient, Row

_IDS_PER_QUERY = 5_000


def pages(client: GraphClient, after: str = "") -> Iterator[list[Row]]:
    """Yield the ids after an id as rows of ``id``, ``user`` and ``at`` (epoch ms), by id."""
    while rows := client.read("exchange/aliases", after=after, limit=_IDS_PER_QUERY):
        yield rows
        after = rows[-1]["id"]


def restore(client: GraphClient, exported: Sequence[Row]) -> int:
    """Let ids stand for users that are here, and return how many did not before.

    An id that is a user here stays one: to make these two one user is ``user_merge``.
    """
    current = aliases.current(client, [row["user"] for row in exported])
    rows = [[row["id"], current.get(row["user"], row["user"]), row["at"]] for row in exported]
    return int(client.write("exchange/restore_aliases", rows=rows)[0]["written"])
