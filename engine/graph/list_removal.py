"""Remove remembered lists past their limit, and keep sums of them (``cypher/shown``)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from engine.data.list_id import first_list_id
from engine.data.progress_callbacks import CountProgress, no_count
from engine.data.reading.timestamps import CLOCK_SKEW_MS
from engine.store.graph_client import GraphClient, Row, Transaction

_TOGETHER = 500
_EVER = 10**15
"""Milliseconds: what counts for a list that goes counts however late it came."""


@dataclass
class ListSums:
    """What the lists of a day, generation and list came to; of a kind of event, or of all lists.

    Attributes:
        event: The kind; None: ``lists``, ``listed`` and ``impressions`` are counted.
    """

    day: str
    generation: int
    list: str
    event: str | None
    lists: int = 0
    listed: int = 0
    impressions: int = 0
    events: int = 0
    value: float = 0.0

    @property
    def key(self) -> str:
        """What no other sums have."""
        return "\x1f".join((self.day, str(self.generation), self.list, self.event or ""))


def count_before(client: GraphClient, moment: int) -> int:
    """Return how many lists are from before a moment, epoch ms."""
    return int(client.read("shown/older", before=moment)[0]["lists"])


def remove_before(client: GraphClient, moment: int, report: CountProgress = no_count) -> int:
    """Remove the lists from before a moment, epoch ms, and return how many; cut off, it goes on.

    Each transaction adds what it removes to the sums, so that nothing is lost or counts twice.
    """
    total, removed = count_before(client, moment), 0
    while taken := client.transact(lambda tx: _remove_some(tx, moment)):
        removed += taken
        report(min(removed, total), total)
    return removed


def sums_of(rows: Iterable[Row]) -> list[ListSums]:
    """Return the sums of lists, as ``shown/oldest`` gives them."""
    found: dict[str, ListSums] = {}

    def of(row: Row, event: str | None) -> ListSums:
        one = ListSums(row["day"], row["generation"], row["list"], event)
        return found.setdefault(one.key, one)

    for row in rows:
        sums = of(row, None)
        sums.lists += 1
        sums.listed += row["listed"]
        sums.impressions += row["impressions"]
        for event, weight in row["events"]:
            counted = of(row, event)
            counted.events += 1
            counted.value += weight
    return list(found.values())


def _remove_some(tx: Transaction, moment: int) -> int:
    rows = tx.run(
        "shown/oldest",
        before=moment,
        limit=_TOGETHER,
        within=_EVER,
        skew=CLOCK_SKEW_MS,
        kept_from=first_list_id(0),
    )
    sums = [asdict(one) | {"key": one.key} for one in sums_of(rows)]
    if rows:
        tx.run("shown/remove", ids=[row["id"] for row in rows], sums=sums)
    return len(rows)
