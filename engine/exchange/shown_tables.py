"""The tables of a folder that hold remembered lists, and sums of those that were removed."""

from collections.abc import Callable, Iterator
from functools import partial

import pyarrow as pa

from engine.exchange.part_files import FolderTable, TablePage
from engine.graph.exporting import list_pages
from engine.store.graph_client import GraphClient, Row

REMEMBERED = "shown/lists"
SUMS = "shown/sums"
_LIST_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("user", pa.string()),
        ("at", pa.int64()),
        ("by", pa.string()),
        ("named", pa.string()),
        ("generation", pa.int64()),
        ("options", pa.string()),
        ("variant", pa.string()),
        ("items", pa.list_(pa.string())),
        ("sources", pa.list_(pa.string())),
        ("seen", pa.list_(pa.int64())),
        ("first", pa.int64()),
        ("propensities", pa.list_(pa.float64())),
    ]
)
_SUMS_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("day", pa.string()),
        ("generation", pa.int64()),
        ("list", pa.string()),
        ("event", pa.string()),
        ("lists", pa.int64()),
        ("listed", pa.int64()),
        ("impressions", pa.int64()),
        ("events", pa.int64()),
        ("value", pa.float64()),
    ]
)


def lists(client: GraphClient) -> FolderTable:
    """Return the remembered lists, by id."""
    return _table(REMEMBERED, _LIST_SCHEMA, "id", partial(list_pages.list_pages, client))


def sums(client: GraphClient) -> FolderTable:
    """Return the sums of lists that were removed, by key."""
    return _table(SUMS, _SUMS_SCHEMA, "key", partial(list_pages.sums_pages, client))


def _table(
    name: str, schema: pa.Schema, key: str, read: Callable[[str], Iterator[list[Row]]]
) -> FolderTable:
    def pages(place: str | None) -> Iterator[TablePage]:
        done = 0
        for page in read(place or ""):
            done += len(page)
            yield TablePage(page[-1][key], pa.Table.from_pylist(page, schema=schema), done)

    return FolderTable(name, pages)
