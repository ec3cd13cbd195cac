"""Ids that stand for another user since the two were merged (``cypher/merge``).

``(:Alias {id, at})-[:ALIAS_OF]->(:User)``: the old id is no user any more. What is written for it
goes to the user, and what is asked of it is answered about the user.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from engine.store.graph_client import GraphClient, Row

if TYPE_CHECKING:
    import polars as pl

_IDS = 20_000


def current(client: GraphClient, ids: Iterable[str]) -> dict[str, str]:
    """Return id to user, of those that stand for another one; nothing of all others."""
    wanted = sorted(set(ids))
    parts = (wanted[start : start + _IDS] for start in range(0, len(wanted), _IDS))
    return {
        row["id"]: row["user"] for part in parts for row in client.read("merge/current", ids=part)
    }


def of_users(client: GraphClient, users: Sequence[str]) -> list[str]:
    """Return the ids that stand for some users."""
    return [row["id"] for row in rows_of(client, users)]


def rows_of(client: GraphClient, users: Sequence[str]) -> list[Row]:
    """Return ``id``, ``user`` and ``at`` (epoch ms) of every merge into some users."""
    return client.read("merge/aliases", users=list(users))


def resolved(client: GraphClient, events: "pl.DataFrame") -> "pl.DataFrame":
    """Return events of the users whom their ids stand for now.

    Their keys stay: an event that was written before a merge is recognised after it.

    Args:
        client: The graph.
        events: With a column ``user``.
    """
    found = current(client, events["user"].unique().to_list())
    return events.with_columns(events["user"].replace(found)) if found else events


def remove(client: GraphClient, ids: Sequence[str]) -> int:
    """Remove some aliases, and those of some users; return how many there were."""
    return int(client.write("merge/remove_aliases", ids=list(ids))[0]["removed"])
