"""The tables of a folder that hold what was loaded: events, items, users, facts, entities.

Their columns are those that ``engine ingest`` takes.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import pyarrow as pa

from engine.exchange.part_files import FolderTable, Pages, TablePage
from engine.exchange.property_columns import Shape, columns_of, fits, shapes
from engine.graph.embeddings import Label
from engine.graph.exporting import event_pages, fact_pages, node_pages
from engine.graph.exporting.event_pages import EventPage, EventReader
from engine.graph.exporting.fact_pages import FactPage
from engine.graph.exporting.node_pages import PropertyType
from engine.store.graph_client import GraphClient

ID_COLUMNS: Mapping[Literal["Item", "User"], str] = {"Item": "item_id", "User": "user_id"}
_ENTITY_COLUMNS = ("type", "id")
MOMENT = pa.timestamp("ms", tz="UTC")


def events(client: GraphClient, newest: int) -> FolderTable:
    """Return the events up to a batch and the items that are disliked, by user, time and key."""

    def pages(place: str | None) -> Iterator[TablePage]:
        reader = EventReader(client, newest)
        names = [pa.array(ids, pa.string()) for ids in (reader.users.ids, reader.items.ids)]
        kinds = pa.array(reader.kinds, pa.string())
        for page in reader.pages(place or ""):
            if len(page.key):
                rows = _event_rows(page, names[0], names[1], kinds)
                yield TablePage(page.last_user, rows, page.users, len(reader.users))

    return FolderTable("events", pages)


def _event_rows(page: EventPage, users: pa.Array, items: pa.Array, kinds: pa.Array) -> pa.Table:
    return pa.table(
        {
            "user_id": users.take(pa.array(page.user)),
            "item_id": items.take(pa.array(page.item)),
            "timestamp": pa.array(page.at, mask=page.at == event_pages.NO_TIME).cast(MOMENT),
            "event": kinds.take(pa.array(page.event)),
            "weight": pa.array(page.weight),
            "basket_id": _texts(page.basket),
            "list_id": _texts(page.list),
            "list_position": pa.array(page.position, mask=page.position == 0),
            "event_key": pa.array(page.key),
        }
    )


def _texts(cells: Sequence[str]) -> pa.Array:
    """Return texts as a column, an empty one as none."""
    return pa.array([one or None for one in cells], pa.string())


def described(client: GraphClient, label: Literal["Item", "User"]) -> Iterator[FolderTable]:
    """Yield the items or users with their attributes, by id.

    A Parquet column has one type. Where an attribute is a text on some nodes and a list on others,
    each combination has a table of its own, and every node is in one of them.
    """
    name = f"{label.lower()}s"
    types = node_pages.property_types(client, label)
    attributes = [one for one in types if is_attribute(one)]
    found = shapes(attributes)
    for number, shape in enumerate(found):
        earlier = found[:number]
        folder = name if len(found) == 1 else f"{name}/shape-{number}"
        columns = [[one.name, one.type] for one in shape]
        yield FolderTable(folder, _described_pages(client, label, shape, earlier), columns)


def is_attribute(one: PropertyType) -> bool:
    """Tell whether a property is an attribute, as ``engine ingest`` writes them."""
    own = one.name in ("id", "key", "batch") or one.name.startswith(("embedding_", "emb_"))
    return not own and one.type != "LIST<NOTHING>"


def _described_pages(
    client: GraphClient,
    label: Literal["Item", "User"],
    shape: Shape,
    earlier: Sequence[Shape],
) -> Pages:
    """Return the pages of the nodes that fit a shape and none of the earlier ones."""

    def keep(values: Sequence[Any]) -> bool:
        return fits(values, shape) and not any(fits(values, one) for one in earlier)

    id_column = ID_COLUMNS[label]

    def column_of(name: str) -> str:
        # A load folds item-id to the attribute item_id; as item_id it would stand for the ids.
        return name.replace("_", "-") if name == id_column else name

    return pages_of_nodes(client, label, shape, keep, id_column, column_of)


def pages_of_nodes(
    client: GraphClient,
    label: Label,
    shape: Shape,
    keep: Callable[[Sequence[Any]], bool],
    id_column: str,
    column_of: Callable[[str], str] = str,
) -> Pages:
    """Return the pages of the nodes whose values are to be kept, a column for each property.

    Args:
        client: The graph.
        label: Of the nodes.
        shape: Their properties, with the types of the columns.
        keep: Given the values of a node, whether it is in the table.
        id_column: What the column of ids is called.
        column_of: What that of a property is called.
    """

    def pages(place: str | None) -> Iterator[TablePage]:
        done = 0
        for page in node_pages.node_pages(client, label, shape, place or ""):
            done += len(page.ids)
            kept = [row for row, values in enumerate(page.properties) if keep(values)]
            if kept:
                ids = pa.array([page.ids[row] for row in kept], pa.string())
                columns = columns_of(shape, [page.properties[row] for row in kept])
                named = {column_of(name): cells for name, cells in columns.items()}
                yield TablePage(page.ids[-1], pa.table({id_column: ids} | named), done)

    return pages


def facts(client: GraphClient) -> FolderTable:
    """Return the facts, by relation, kinds of their ends, and head."""

    def pages(place: list[str] | None) -> Iterator[TablePage]:
        after = None if place is None else (place[0], place[1], place[2], place[3])
        done = 0
        for page in fact_pages.fact_pages(client, after):
            done += len(page.heads)
            if page.heads:
                yield TablePage(list(page.place), _fact_rows(page), done)

    return FolderTable("facts", pages)


def _fact_rows(page: FactPage) -> pa.Table:
    relation, head, tail, _ = page.place
    columns: dict[str, Any] = {}
    for name, label, ids in (("head", head, page.heads), ("tail", tail, page.tails)):
        kinds, own = kinds_and_ids(label, ids)
        columns |= {name: own, f"{name}_type": kinds}
    return pa.table(
        {
            "head": columns["head"],
            "head_type": columns["head_type"],
            "relation": pa.array(itertools.repeat(relation, len(page.heads)), pa.string()),
            "tail": columns["tail"],
            "tail_type": columns["tail_type"],
        }
    )


def kinds_and_ids(label: str, keys: Sequence[str]) -> tuple[pa.Array, pa.Array]:
    """Return kinds and ids of nodes; the key of an entity, such as ``Brand:69``, holds both."""
    if label != "Entity":
        return pa.array([label] * len(keys), pa.string()), pa.array(keys, pa.string())
    pairs = [key.partition(":") for key in keys]
    return (
        pa.array([kind for kind, _, _ in pairs], pa.string()),
        pa.array([id_ for _, _, id_ in pairs], pa.string()),
    )


def entities(client: GraphClient) -> FolderTable:
    """Return every entity, by type and id: those without a fact are in no other table."""

    def pages(place: str | None) -> Iterator[TablePage]:
        done = 0
        for page in node_pages.node_pages(client, "Entity", (), place or ""):
            done += len(page.ids)
            rows = pa.table(
                dict(zip(_ENTITY_COLUMNS, kinds_and_ids("Entity", page.ids), strict=True))
            )
            yield TablePage(page.ids[-1], rows, done)

    return FolderTable("entities", pages)
