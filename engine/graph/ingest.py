"""Write events, attributes and facts: ``cypher/ingest``.

Each batch is one transaction that also leaves the batch's marker, so a batch is in the graph whole
or not at all, and a lost answer can be looked up.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from engine.data.facts import EntityKind
from engine.errors import CommitUnknown
from engine.store.graph_client import GraphClient, Transaction

_NODE_ROWS = 10_000


def known_events(client: GraphClient, keys: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """Return key -> (user, item, event, at, weight, basket) of those that are in the graph."""
    rows = client.read("ingest/known_events", keys=list(keys))
    return {
        row["key"]: tuple(row[name] for name in ("user", "item", "event", "at", "weight", "basket"))
        for row in rows
    }


def merge_users(client: GraphClient, ids: Sequence[str]) -> None:
    """Create the users that are not there yet; harmless when repeated."""
    for start in range(0, len(ids), _NODE_ROWS):
        client.write("ingest/merge_users", ids=list(ids[start : start + _NODE_ROWS]))


def merge_items(client: GraphClient, ids: Sequence[str]) -> None:
    """Create the items that are not there yet; harmless when repeated."""
    for start in range(0, len(ids), _NODE_ROWS):
        client.write("ingest/merge_items", ids=list(ids[start : start + _NODE_ROWS]))


def set_attributes(client: GraphClient, label: str, rows: Sequence[dict[str, Any]]) -> int:
    """Create or update users or items and return how many rows said something new.

    Args:
        client: The graph.
        label: ``Item`` or ``User``.
        rows: ``{id, attributes}``; an id at most once.
    """
    try:
        written = client.write("ingest/set_attributes", {"label": label}, rows=list(rows))
    except CommitUnknown:
        # Writing again changes nothing that is there, so only the count can come out too low.
        written = client.write("ingest/set_attributes", {"label": label}, rows=list(rows))
    return int(written[0]["changed"])


def create_events(client: GraphClient, events: pl.DataFrame, ingest: int) -> None:
    """Create events whose keys are not in the graph; both ends must exist.

    Args:
        client: The graph.
        events: Columns ``user, item, key, event, at, weight, basket``.
        ingest: Number of the load in the registry.
    """
    columns = ("item", "key", "event", "at", "weight", "basket")
    grouped = events.group_by("user", maintain_order=True).agg(columns)
    groups = [(user, list(zip(*lists, strict=True))) for user, *lists in grouped.rows()]

    def work(tx: Transaction, batch: int) -> int:
        tx.run("ingest/create_events", groups=groups, batch=batch)
        return len(events)

    _in_batch(client, ingest, work)


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


def _in_batch(client: GraphClient, ingest: int, work: Callable[[Transaction, int], int]) -> int:
    """Write a batch once, its marker with it, and return how many rows it has.

    Args:
        client: The graph.
        ingest: Number of the load in the registry.
        work: Writes the rows, given the batch's number, and returns how many there were.
    """
    token = str(uuid.uuid4())
    number = client.write("ingest/next_batch")[0]["number"]

    def whole(tx: Transaction) -> int:
        rows = work(tx, number)
        if rows:
            tx.run("ingest/mark_batch", number=number, token=token, rows=rows, ingest=ingest)
        return rows

    try:
        return client.transact(whole)
    except CommitUnknown:
        # The answer was lost, not necessarily the batch: its marker tells.
        if found := client.read("ingest/find_batch", token=token):
            return int(found[0]["rows"])
        return client.transact(whole)
