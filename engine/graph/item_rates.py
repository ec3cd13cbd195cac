"""How often items were shown and taken, and of which little is known (``cypher/shown``)."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class ItemRate:
    """What remembered lists say of an item.

    Attributes:
        shown: How many of them showed it.
        conversions: After how many an event that names the list was on it.
    """

    item: str
    shown: int
    conversions: int


def of_newest_lists(client: GraphClient, since: int, lists: int) -> list[ItemRate]:
    """Return the rate of every item that was shown.

    Args:
        client: The graph.
        since: Epoch milliseconds; older lists do not count.
        lists: How many lists count at most, the newest.
    """
    rows = client.read("shown/item_rates", since=since, lists=lists)
    return [ItemRate(**row) for row in rows]


def little_known(client: GraphClient, known: Sequence[str], limit: int) -> list[str]:
    """Return ids of the items with the fewest events, without those of ``known``."""
    rows = client.ask("shown/little_known", known=list(known), limit=limit)
    return [row["id"] for row in rows]
