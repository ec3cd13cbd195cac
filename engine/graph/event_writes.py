"""Write events, each once, with the users and items they lack: ``cypher/ingest``."""

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from engine.data.dislikes import DISLIKE_KINDS
from engine.data.entity_kinds import EntityKind
from engine.graph import batch_writes, source_positions
from engine.graph.batch_marks import EndsRemoved, in_batch
from engine.graph.source_positions import SourcePosition
from engine.store.graph_client import GraphClient, Transaction


def known_events(client: GraphClient, keys: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """Return key -> (user, item, event, at, weight, basket) of those that are in the graph."""
    return _contents(client.read("ingest/known_events", keys=list(keys)))


def _contents(rows: Sequence[dict[str, Any]]) -> dict[int, tuple[Any, ...]]:
    names = ("user", "item", "event", "at", "weight", "basket")
    return {row["key"]: tuple(row[name] for name in names) for row in rows}


def create_events(client: GraphClient, events: pl.DataFrame, ingest: int) -> None:
    """Create events whose keys are not in the graph.

    Both ends were merged before; where somebody has removed one since, they are merged again.

    Args:
        client: The graph.
        events: Columns ``user, item, key, event, at, weight, basket, list, position``.
        ingest: Number of the load in the registry.
    """

    def work(tx: Transaction, batch: int) -> int:
        _create(tx, events, batch)
        return len(events)

    in_batch(client, ingest, work, merge_ends=lambda tx: _merge_ends(tx, events))


def write_chosen_events(
    client: GraphClient,
    keys: Sequence[int],
    choose: Callable[[dict[int, tuple[Any, ...]]], pl.DataFrame],
    ingest: int,
    position: SourcePosition | None = None,
) -> int:
    """Create events, and the users and items they lack, in one transaction with a look at the keys.

    Returns how many were created.

    Args:
        client: The graph.
        keys: Of events that may be there.
        choose: Given those that are, as ``known_events`` returns them, picks the events to write,
            of the columns that ``create_events`` names. May be called several times; the last time
            counts.
        ingest: Number of the load in the registry.
        position: How far their source is read by them; noted in the same transaction.

    Raises:
        AlreadyThere: Another transaction wrote one of the keys after they were looked at.
        Busy: Somebody else reads the source into the same graph; nothing is written.
    """

    def work(tx: Transaction, batch: int) -> int:
        events = choose(_contents(tx.run("ingest/known_events", keys=list(keys))))
        if len(events):
            _merge_ends(tx, events)
            _create(tx, events, batch)
        if position is not None:
            source_positions.move_within(tx, position)
        return len(events)

    return in_batch(client, ingest, work)


def _merge_ends(tx: Transaction, events: pl.DataFrame) -> None:
    for column, kind in (("user", EntityKind("User")), ("item", EntityKind("Item"))):
        batch_writes.merge_within(tx, kind, events[column].unique().sort().to_list())


def _create(tx: Transaction, events: pl.DataFrame, batch: int) -> None:
    created = 0
    disliked = events["event"].is_in(DISLIKE_KINDS)
    for statement, rows in (
        ("ingest/create_events", events.filter(~disliked)),
        ("ingest/create_dislikes", events.filter(disliked)),
    ):
        if len(rows):
            created += tx.run(statement, groups=_by_user(rows), batch=batch)[0]["created"]
    if created < len(events):
        raise EndsRemoved


def _by_user(events: pl.DataFrame) -> list[tuple[str, list[tuple[Any, ...]]]]:
    columns = ("item", "key", "event", "at", "weight", "basket", "list", "position")
    grouped = events.group_by("user", maintain_order=True).agg(columns)
    return [(user, list(zip(*lists, strict=True))) for user, *lists in grouped.rows()]
