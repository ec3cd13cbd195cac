"""Write events, attributes and facts: ``cypher/ingest``.

Each batch is one transaction that also leaves the batch's marker, so a batch is in the graph whole
or not at all, and a lost answer can be looked up.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from engine.data.entity_kinds import EntityKind
from engine.errors import Busy, CommitUnknown
from engine.graph import source_positions
from engine.graph.source_positions import SourcePosition
from engine.store.graph_client import GraphClient, Transaction

_NODE_ROWS = 10_000
_NUMBERS_TRIED = 20
NO_LOAD = 0
"""Of a batch that removed something: loads are numbered from 1."""


def known_events(client: GraphClient, keys: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """Return key -> (user, item, event, at, weight, basket) of those that are in the graph."""
    return _contents(client.read("ingest/known_events", keys=list(keys)))


def _contents(rows: Sequence[dict[str, Any]]) -> dict[int, tuple[Any, ...]]:
    names = ("user", "item", "event", "at", "weight", "basket")
    return {row["key"]: tuple(row[name] for name in names) for row in rows}


def merge_users(client: GraphClient, ids: Sequence[str]) -> None:
    """Create the users that are not there yet; harmless when repeated."""
    for start in range(0, len(ids), _NODE_ROWS):
        client.write("ingest/merge_users", ids=list(ids[start : start + _NODE_ROWS]))


def merge_items(client: GraphClient, ids: Sequence[str]) -> None:
    """Create the items that are not there yet; harmless when repeated."""
    for start in range(0, len(ids), _NODE_ROWS):
        client.write("ingest/merge_items", ids=list(ids[start : start + _NODE_ROWS]))


def set_attributes(
    client: GraphClient, label: str, rows: Sequence[dict[str, Any]], ingest: int
) -> int:
    """Create or update users or items and return how many rows changed something.

    Args:
        client: The graph.
        label: ``Item`` or ``User``.
        rows: ``{id, attributes, vectors}``, vectors as ``(width,) float32``; an id at most once.
        ingest: Number of the load in the registry.
    """
    given = [
        row | {"vectors": {name: one.tolist() for name, one in row["vectors"].items()}}
        for row in rows
    ]

    def work(tx: Transaction, _batch: int) -> int:
        written = tx.run("ingest/set_attributes", {"label": label}, rows=given)
        return int(written[0]["changed"])

    return _in_batch(client, ingest, work, of_nodes=True)


def create_events(client: GraphClient, events: pl.DataFrame, ingest: int) -> None:
    """Create events whose keys are not in the graph; both ends must exist.

    Args:
        client: The graph.
        events: Columns ``user, item, key, event, at, weight, basket``.
        ingest: Number of the load in the registry.
    """
    groups = _by_user(events)

    def work(tx: Transaction, batch: int) -> int:
        tx.run("ingest/create_events", groups=groups, batch=batch)
        return len(events)

    _in_batch(client, ingest, work)


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
            tx.run("ingest/merge_users", ids=events["user"].unique().sort().to_list())
            tx.run("ingest/merge_items", ids=events["item"].unique().sort().to_list())
            tx.run("ingest/create_events", groups=_by_user(events), batch=batch)
        if position is not None:
            source_positions.move_within(tx, position)
        return len(events)

    return _in_batch(client, ingest, work)


def _by_user(events: pl.DataFrame) -> list[tuple[str, list[tuple[Any, ...]]]]:
    columns = ("item", "key", "event", "at", "weight", "basket")
    grouped = events.group_by("user", maintain_order=True).agg(columns)
    return [(user, list(zip(*lists, strict=True))) for user, *lists in grouped.rows()]


def merge_entities(client: GraphClient, kind: EntityKind, ids: Sequence[str]) -> None:
    """Create the entities of one type that are not there yet."""
    rows = [[kind.key_of(id_), id_] for id_ in ids]
    for start in range(0, len(rows), _NODE_ROWS):
        part = rows[start : start + _NODE_ROWS]
        client.write("ingest/merge_entities", {"type": kind.name}, rows=part)


def merge_facts(
    client: GraphClient,
    relation: str,
    ends: tuple[EntityKind, EntityKind],
    rows: Sequence[list[Any]],
    ingest: int,
) -> int:
    """Create facts of one relation between two kinds of node and return how many were new.

    Args:
        client: The graph.
        relation: Relationship type.
        ends: Kind of head and of tail.
        rows: ``[head id, tail id, key]``; both ends must exist.
        ingest: Number of the load in the registry.
    """
    head, tail = ends
    idents = {
        "head": head.label,
        "head_key": head.key_property,
        "tail": tail.label,
        "tail_key": tail.key_property,
        "relation": relation,
    }
    keyed = [[head.key_of(h), tail.key_of(t), key] for h, t, key in rows]

    def work(tx: Transaction, batch: int) -> int:
        return int(tx.run("ingest/merge_facts", idents, rows=keyed, batch=batch)[0]["new"])

    return _in_batch(client, ingest, work)


def mark_removal(client: GraphClient) -> None:
    """Leave the mark of a batch after something was removed: the next night trains without it."""
    _in_batch(client, NO_LOAD, lambda _tx, _batch: 1, of_nodes=True)


def remove_nodes(client: GraphClient, label: str, ids: Sequence[str]) -> int:
    """Remove users or items and return how many there were; a batch that no load wrote marks it.

    Args:
        client: The graph.
        label: ``Item`` or ``User``.
        ids: Of nodes without many relationships.
    """

    def work(tx: Transaction, _batch: int) -> int:
        removed = tx.run("forget/remove_nodes", {"label": label}, ids=list(ids))
        return int(removed[0]["removed"])

    return _in_batch(client, NO_LOAD, work, of_nodes=True)


def _in_batch(
    client: GraphClient,
    ingest: int,
    work: Callable[[Transaction, int], int],
    *,
    of_nodes: bool = False,
) -> int:
    """Write a batch once, its marker with it, and return how many rows it has.

    Args:
        client: The graph.
        ingest: Number of the load in the registry.
        work: Writes the rows, given the batch's number, and returns how many there were.
        of_nodes: Whether rows are nodes that were described; else relationships that were created.

    Raises:
        Busy: Watermarks are read faster than the batch can be written.
    """
    token = str(uuid.uuid4())
    for _ in range(_NUMBERS_TRIED):
        number = client.write("ingest/next_batch")[0]["number"]

        def whole(tx: Transaction, number: int = number) -> int:
            if rows := work(tx, number):
                marked = tx.run(
                    "ingest/mark_batch",
                    number=number,
                    token=token,
                    rows=0 if of_nodes else rows,
                    described=rows if of_nodes else 0,
                    ingest=ingest,
                )
                if not marked:
                    raise _NumberClosed
            return rows

        try:
            return client.transact(whole)
        except _NumberClosed:
            continue
        except CommitUnknown:
            # The answer was lost, not necessarily the batch: its marker shows which.
            if found := client.read("ingest/find_batch", token=token):
                return int(found[0]["rows"])
    raise Busy("this batch could not be written", hint="run the same command again")


class _NumberClosed(Exception):
    """Undoes a transaction whose number came too late: a watermark at or above it was read."""
