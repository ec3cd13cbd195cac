"""Write nodes, attributes and facts: ``cypher/ingest``.

Each batch is one transaction with its marker (``batch_marks``).
"""

from collections.abc import Sequence
from typing import Any

from engine.data.description import Description
from engine.data.entity_kinds import RESERVED_RELATIONS, EntityKind
from engine.errors import NotFound
from engine.graph import aliases
from engine.graph.batch_marks import EndsRemoved, in_batch
from engine.graph.description_changes import Changes, changes
from engine.store.graph_client import GraphClient, Transaction

_NODE_ROWS = 10_000
NO_LOAD = 0
"""Of a batch that removed something: loads are numbered from 1."""


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
            Those of an id that stands for another user are left out.
        ingest: Number of the load in the registry.
    """
    if label == "User" and (gone := aliases.current(client, [row["id"] for row in rows])):
        rows = [row for row in rows if row["id"] not in gone]

    def work(tx: Transaction, _batch: int) -> int:
        return _set_attributes(tx, label, rows)

    return in_batch(client, ingest, work, of_nodes=True)


def _set_attributes(tx: Transaction, label: str, rows: Sequence[dict[str, Any]]) -> int:
    given = [
        row | {"vectors": {name: one.tolist() for name, one in row["vectors"].items()}}
        for row in rows
    ]
    written = tx.run("ingest/set_attributes", {"label": label}, rows=given)
    return int(written[0]["changed"])


def describe(
    client: GraphClient,
    label: str,
    described: Sequence[Description],
    ingest: int,
    *,
    whole: bool = False,
    create: bool = True,
) -> frozenset[str]:
    """Let users or items be as they are described, all in one transaction; return who changed.

    Args:
        client: The graph.
        label: ``Item`` or ``User``.
        described: An id at most once; one that stands for another user is left out.
        ingest: Number of the load in the registry.
        whole: Whether attributes that a description does not name are removed.
        create: Whether those that are not there are created.

    Raises:
        NotFound: One of them is not there, and is not to be created; nothing is written.
    """
    found: list[Changes] = []
    if label == "User" and (gone := aliases.current(client, [one.id for one in described])):
        described = [one for one in described if one.id not in gone]

    def work(tx: Transaction, batch: int) -> int:
        before = tx.run(
            "ingest/lock_nodes",
            {"label": label},
            # In one order everywhere, so that two writers wait for each other and not both ways.
            ids=sorted(one.id for one in described),
            with_facts=[one.id for one in described if one.facts is not None],
            own_relations=list(RESERVED_RELATIONS),
        )
        missing = [row["id"] for row in before if not row["known"]]
        if missing and not create:
            raise NotFound(
                f"there is no {label.lower()} {missing[0]}",
                hint=f"PUT creates one: PUT /v1/{label.lower()}s/ID",
            )
        found[:] = changes(described, before, whole=whole)
        _write_changes(tx, label, found, batch)
        return len(found)

    in_batch(client, ingest, work, of_nodes=True)
    return frozenset(one.id for one in found)


def _write_changes(tx: Transaction, label: str, changed: Sequence[Changes], batch: int) -> None:
    if rows := [one.as_row() for one in changed if one.attributes or one.vectors]:
        _set_attributes(tx, label, rows)
    if gone := [fact for one in changed for fact in one.gone]:
        tx.run("ingest/remove_facts", facts=gone)
    new: dict[tuple[str, str], list[list[Any]]] = {}
    for one in changed:
        for fact, key in one.new.items():
            new.setdefault((fact.relation, fact.tail_type), []).append([one.id, fact.tail, key])
    for (relation, tail_type), facts in sorted(new.items()):
        kind = EntityKind(tail_type)
        merge_within(tx, kind, sorted({tail for _, tail, _ in facts}))
        _merge_facts(tx, relation, (EntityKind(label), kind), facts, batch)


def merge_within(tx: Transaction, kind: EntityKind, ids: Sequence[str]) -> None:
    """Create nodes of one kind that are not there yet, in a transaction."""
    if kind.is_entity:
        rows = [[kind.key_of(id_), id_] for id_ in ids]
        tx.run("ingest/merge_entities", {"type": kind.name}, rows=rows)
    elif kind.name == "Item":
        tx.run("ingest/merge_items", ids=list(ids))
    else:
        tx.run("ingest/merge_users", ids=list(ids))


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
        rows: ``[head id, tail id, key]``; an end that somebody has removed since it was merged is
            merged again.
        ingest: Number of the load in the registry.
    """

    def work(tx: Transaction, batch: int) -> int:
        return _merge_facts(tx, relation, ends, rows, batch)

    def merge_ends(tx: Transaction) -> None:
        for place, kind in enumerate(ends):
            merge_within(tx, kind, sorted({row[place] for row in rows}))

    return in_batch(client, ingest, work, merge_ends=merge_ends)


def _merge_facts(
    tx: Transaction,
    relation: str,
    ends: tuple[EntityKind, EntityKind],
    rows: Sequence[list[Any]],
    batch: int,
) -> int:
    head, tail = ends
    idents = {
        "head": head.label,
        "head_key": head.key_property,
        "tail": tail.label,
        "tail_key": tail.key_property,
        "relation": relation,
    }
    keyed = [[head.key_of(h), tail.key_of(t), key] for h, t, key in rows]
    found = tx.run("ingest/merge_facts", idents, rows=keyed, batch=batch)[0]
    if found["there"] < len(rows):
        raise EndsRemoved
    return int(found["new"])


def mark_removal(client: GraphClient) -> None:
    """Leave the mark of a batch after something was removed: the next night trains without it."""
    in_batch(client, NO_LOAD, lambda _tx, _batch: 1, of_nodes=True)


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

    return in_batch(client, NO_LOAD, work, of_nodes=True)
