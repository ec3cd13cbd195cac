"""The tables of a folder that hold which entities users dislike, and which ids stand for users.

Items that users dislike are in the table of events, which says so by their kind.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from engine.data.entity_kinds import EntityKind
from engine.exchange.graph_tables import MOMENT, kinds_and_ids
from engine.exchange.part_files import FolderTable, TablePage
from engine.graph.exporting import alias_pages, fact_dislike_pages
from engine.graph.exporting.fact_dislike_pages import FactDislike
from engine.store.graph_client import GraphClient

DISLIKES = "dislikes"
ALIASES = "aliases"
_ALIAS_SCHEMA = pa.schema([("id", pa.string()), ("user_id", pa.string()), ("merged_at", MOMENT)])


def fact_dislikes(client: GraphClient) -> FolderTable:
    """Return which entities users dislike, by user."""

    def pages(place: str | None) -> Iterator[TablePage]:
        done = 0
        for page in fact_dislike_pages.pages(client, place or ""):
            done += len(page)
            yield TablePage(page[-1].user, _dislike_rows(page), done)

    return FolderTable(DISLIKES, pages)


def _dislike_rows(page: Sequence[FactDislike]) -> pa.Table:
    kinds, ids = kinds_and_ids("Entity", [one.entity for one in page])
    return pa.table(
        {
            "user_id": pa.array([one.user for one in page], pa.string()),
            "type": kinds,
            "id": ids,
            "timestamp": pa.array([one.at for one in page], pa.int64()).cast(MOMENT),
            "event": pa.array([one.event for one in page], pa.string()),
            "weight": pa.array([one.weight for one in page], pa.float64()),
            "event_key": pa.array([one.key for one in page], pa.int64()),
        }
    )


def dislikes_of(rows: pa.RecordBatch) -> list[FactDislike]:
    """Return the dislikes of some rows of the table."""
    at = rows.column("timestamp").cast(pa.int64()).to_pylist()
    return [
        FactDislike(
            user=row["user_id"],
            entity=EntityKind(row["type"]).key_of(row["id"]),
            event=row["event"],
            at=moment,
            weight=row["weight"],
            key=row["event_key"],
        )
        for row, moment in zip(rows.to_pylist(), at, strict=True)
    ]


def aliases(client: GraphClient) -> FolderTable:
    """Return which ids stand for which users, by id."""

    def pages(place: str | None) -> Iterator[TablePage]:
        done = 0
        for page in alias_pages.pages(client, place or ""):
            done += len(page)
            columns = [
                [row["id"] for row in page],
                [row["user"] for row in page],
                pa.array([row["at"] for row in page], pa.int64()).cast(MOMENT),
            ]
            yield TablePage(page[-1]["id"], pa.table(columns, schema=_ALIAS_SCHEMA), done)

    return FolderTable(ALIASES, pages)


def aliases_of(rows: pa.RecordBatch) -> list[dict[str, Any]]:
    """Return some rows of the table as ``alias_pages`` yields them."""
    columns = (rows.column("id"), rows.column("user_id"), rows.column("merged_at").cast(pa.int64()))
    cells = zip(*(one.to_pylist() for one in columns), strict=True)
    return [{"id": id_, "user": user, "at": at} for id_, user, at in cells]
