"""Pull events out of the graph as columns (``cypher/pull``).

One record per user carries all of that user's events as parallel lists, so the cost per event is
that of a few packed numbers. May import: ``store``, ``data``, ``errors``.
"""

import time
from array import array
from collections.abc import Callable
from itertools import repeat

import numpy as np
import numpy.typing as npt

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.store.graph_client import GraphClient

_FETCH = 1_000
_REPORT_SECONDS = 0.2

Report = Callable[[int, int], None]


def pull_interactions(
    client: GraphClient, report: Report = lambda _done, _all: None
) -> Interactions:
    """Return every event of the graph; rows are numbered by sorted id.

    Users and items without an event have a row too. What is loaded meanwhile may or may not be in:
    compare ``data_watermark`` before and after where that matters.

    Args:
        client: The graph.
        report: Called now and then with users done and users in all.
    """
    users = Vocabulary(sorted(row["id"] for row in client.stream("pull/users")))
    nodes = [(row["id"], row["node"]) for row in client.stream("pull/items")]
    nodes.sort()
    items = Vocabulary([id_ for id_, _ in nodes])
    names = sorted(row["event"] or "" for row in client.stream("pull/event_names"))
    columns = _Columns()
    codes = {name: code for code, name in enumerate(names)}
    due = time.monotonic()
    done = 0
    for row in client.stream("pull/events", fetch_size=_FETCH, codes=codes):
        position = users.index_of(row["id"])
        if position is None:  # arrived after the list of users was read
            continue
        columns.add(position, row)
        done += 1
        if time.monotonic() >= due:
            report(done, len(users))
            due = time.monotonic() + _REPORT_SECONDS
    report(len(users), len(users))
    return columns.interactions(users, items, _rows_of(nodes), tuple(names))


def data_watermark(client: GraphClient) -> int | None:
    """Return the number of the newest batch, or None in an empty graph."""
    number: int | None = client.read("pull/watermark")[0]["number"]
    return number


def _rows_of(nodes: list[tuple[str, int]]) -> npt.NDArray[np.int32]:
    """Return a table from the server's node number to the row of the item, -1 elsewhere."""
    numbers = np.array([number for _, number in nodes], dtype=np.int64)
    table = np.full(int(numbers.max(initial=-1)) + 2, -1, dtype=np.int32)
    table[numbers] = np.arange(len(nodes), dtype=np.int32)
    return table


class _Columns:
    """Growing columns of machine numbers: no Python object per event is kept."""

    def __init__(self) -> None:
        self._user, self._item, self._at = array("i"), array("q"), array("q")
        self._weight, self._event = array("f"), array("h")

    def add(self, position: int, row: dict[str, list[float]]) -> None:
        self._user.extend(repeat(position, len(row["item"])))
        self._item.extend(row["item"])  # type: ignore[arg-type]
        self._at.extend(row["at"])  # type: ignore[arg-type]
        self._weight.extend(row["weight"])
        self._event.extend(row["event"])  # type: ignore[arg-type]

    def interactions(
        self,
        users: Vocabulary,
        items: Vocabulary,
        rows: npt.NDArray[np.int32],
        names: tuple[str, ...],
    ) -> Interactions:
        user = np.frombuffer(self._user, dtype=np.int32)
        node = np.frombuffer(self._item, dtype=np.int64)
        at = np.frombuffer(self._at, dtype=np.int64)
        # An item that arrived after the list of items was read has no row: it waits a pull.
        item = rows[np.minimum(node, len(rows) - 1)]
        order = np.lexsort((item, at, user))
        order = order[item[order] >= 0]
        return Interactions(
            users=users,
            items=items,
            user=user[order],
            item=item[order],
            weight=np.frombuffer(self._weight, dtype=np.float32)[order],
            at=at[order],
            event=np.frombuffer(self._event, dtype=np.int16)[order],
            events=names,
        )
