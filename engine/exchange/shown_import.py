"""Bring remembered lists, and the sums of those that were removed, from a folder into a graph.

Lists of users who are forgotten stay away, and items that are forgotten leave the lists.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.connections.forgotten import Tombstones
from engine.exchange.folder_rows import FolderRows
from engine.exchange.shown_tables import REMEMBERED, SUMS
from engine.graph import item_list_removal
from engine.graph.exporting import list_pages
from engine.store.graph_client import GraphClient

_ROWS = 2_000


def restore(graph: GraphClient, folder: FolderRows, forgotten: Tombstones) -> None:
    """Add the lists and sums that are missing; cut off, the same call goes on.

    Lists up to the newest day that has sums here are left out: what is missing of them was removed
    here, and counts in the sums.
    """
    since = list_pages.first_moment(graph)
    items: set[str] = set()
    for batch in folder.batches(REMEMBERED, rows=_ROWS):
        rows = batch.to_pylist()
        gone = forgotten.among("user", [row["user"] for row in rows])
        kept = [row for row in rows if row["at"] >= since and row["user"] not in gone]
        list_pages.restore_lists(graph, kept)
        items |= forgotten.among("item", _named(kept))
    if items:
        item_list_removal.remove(graph, sorted(items))
    # After the lists: whoever is cut off before does not take them for removed.
    for batch in folder.batches(SUMS, rows=_ROWS):
        list_pages.restore_sums(graph, batch.to_pylist())


def _named(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the items of some lists, and every text of their options: it may be an item."""
    found = {id_ for row in rows for id_ in row["items"]}
    return found.union(*(_texts(json.loads(row["options"] or "{}")) for row in rows))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
