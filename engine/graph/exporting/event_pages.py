"""Read all that events hold, a page of users at a time (``cypher/exchange``)."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.data.arrays import AnyArray, Float64Array, Int64Array
from engine.data.dislikes import DISLIKE_KINDS
from engine.data.read_ahead import prefetch_several
from engine.data.vocabulary import Vocabulary
from engine.graph.pulling import pull
from engine.store.graph_client import GraphClient, Row

NO_TIME = -(1 << 63)
"""Stands for the time of an event that has none."""

_EVENTS_PER_QUERY, _EVENTS_PER_RECORD = 100_000, 10_000
_USERS_PER_QUERY, _USERS_PER_RECORD = 2_000, 250
_QUERIES_AT_ONCE = 2
"""A query keeps one core of the server busy."""
_COLUMNS = {
    "user": np.int64,
    "item": np.int64,
    "key": np.int64,
    "event": np.int64,
    "at": np.int64,
    "weight": np.float64,
    "position": np.int64,
}


@dataclass(frozen=True)
class EventPage:
    """The events and dislikes of some users, by user, time and key; each column ``(n,)``.

    Attributes:
        last_user: Id of the last user of the page.
        users: Users done, this page's included.
        user, item, event: Rows in ``EventReader``'s ``users``, ``items`` and ``kinds``.
        key: Of the events.
        at: Milliseconds since 1970, UTC; ``NO_TIME`` where an event has none.
        weight: Of the events.
        basket, list: Ids; the empty text where an event has none.
        position: Of the item in the list, 1 for the best; 0 where an event has none.
    """

    last_user: str
    users: int
    user: Int64Array
    item: Int64Array
    event: Int64Array
    key: Int64Array
    at: Int64Array
    weight: Float64Array
    basket: list[str]
    list: list[str]
    position: Int64Array


class EventReader:
    """Reads the events that were there when a watermark was taken.

    Users without an event are in no page. Memory holds the ids of all users and items, and the
    events of three pages.

    Args:
        client: The graph.
        newest: The watermark: events of later batches are left out.

    Attributes:
        users, items: By sorted id.
        kinds: Of events, in order.
    """

    def __init__(self, client: GraphClient, newest: int) -> None:
        self._client, self._newest = client, newest
        self.kinds = sorted({*pull.event_names(client), *DISLIKE_KINDS})
        self.items, self._item_rows = pull.pull_items(client)
        found = client.read("exchange/user_degrees")[0]
        order = sorted(range(len(found["ids"])), key=found["ids"].__getitem__)
        self.users = Vocabulary([found["ids"][at] for at in order])
        self._nodes = np.array(found["nodes"], dtype=np.int64)[order]
        self._degrees = np.array(found["events"], dtype=np.int64)[order]

    @property
    def events(self) -> int:
        """How many events there are, later ones included."""
        return int(self._degrees.sum())

    def pages(self, after: str = "") -> Iterator[EventPage]:
        """Yield the events of the users after ``after``, in the order of their ids."""
        begin = bisect_right(self.users.ids, after)
        runs = _runs(self._degrees, begin, _EVENTS_PER_QUERY, _USERS_PER_QUERY)
        return prefetch_several(self._page, runs, _QUERIES_AT_ONCE)

    def _page(self, run: tuple[int, int]) -> EventPage:
        start, stop = run
        degrees = self._degrees[start:stop]
        runs = _runs(degrees, 0, _EVENTS_PER_RECORD, _USERS_PER_RECORD)
        rows = self._client.read(
            "exchange/events",
            pages=[self._nodes[start + first : start + last].tolist() for first, last in runs],
            codes={name: code for code, name in enumerate(self.kinds)},
            newest=self._newest,
            no_time=NO_TIME,
        )
        columns = {name: _column(rows, name, kind) for name, kind in _COLUMNS.items()}
        basket, list_ = ([one for row in rows for one in row[name]] for name in ("basket", "list"))
        nodes = self._nodes[start:stop]
        by_node = np.argsort(nodes)
        user = start + by_node[np.searchsorted(nodes, columns["user"], sorter=by_node)]
        item = self._item_rows[np.minimum(columns["item"], len(self._item_rows) - 1)]
        order = np.lexsort((columns["key"], columns["at"], user))
        order = order[item[order] >= 0]  # an item that was forgotten meanwhile has no row
        return EventPage(
            last_user=self.users.ids[stop - 1],
            users=stop,
            user=user[order],
            item=item.astype(np.int64)[order],
            event=columns["event"][order],
            key=columns["key"][order],
            at=columns["at"][order],
            weight=columns["weight"][order],
            basket=[basket[at] for at in order.tolist()],
            list=[list_[at] for at in order.tolist()],
            position=columns["position"][order],
        )


def _column(rows: list[Row], name: str, kind: type) -> AnyArray:
    parts: list[AnyArray] = [np.array(row[name], dtype=kind) for row in rows]
    return np.concatenate([np.empty(0, dtype=kind), *parts])


def _runs(sizes: Int64Array, begin: int, most: int, most_rows: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of rows that come to at most ``most``, a larger row alone."""
    start, total = begin, 0
    for row in range(begin, len(sizes)):
        size = int(sizes[row])
        if row > start and (total + size > most or row - start >= most_rows):
            yield start, row
            start, total = row, 0
        total += size
    if start < len(sizes):
        yield start, len(sizes)
