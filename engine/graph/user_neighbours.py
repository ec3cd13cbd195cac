"""What a generation of a counting method stores on users and items (``cypher/generation``).

``(:User)-[:SIMILAR {score, generation}]->(:User)`` joins each user to those most like it. On the
user itself stands what these have and how often, so that a list needs no walk over all their
events. Such properties are named as vectors are, and nothing takes them for attributes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.data.arrays import Float32Array
from engine.data.progress_callbacks import CountProgress, no_count
from engine.data.vocabulary import Vocabulary
from engine.graph import embeddings
from engine.graph.embeddings import Label, property_name
from engine.store.graph_client import GraphClient

UserRow = tuple[str, list[list[object]], list[str], list[float]]
"""User, [[other user, cosine], …], items of the others, mean count of each."""

_USERS, _ITEMS = 100, 5_000


def write(client: GraphClient, generation: int, rows: Iterator[UserRow]) -> int:
    """Store the neighbours of users and return how many users got some.

    Users that are no longer in the graph are left out.
    """
    slots = {"others": _others(generation), "counts": f"{property_name(generation)}_counts"}
    written = 0
    batch: list[UserRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _USERS:
            written += _write(client, slots, generation, batch)
            batch = []
    return written + (_write(client, slots, generation, batch) if batch else 0)


def write_recent(
    client: GraphClient,
    generation: int,
    items: Vocabulary,
    scores: Float32Array,
    report: CountProgress = no_count,
) -> int:
    """Store recent popularity, ``(n_items,)``, on the items and return how many are there."""
    return _write_numbers(client, _recent(generation), items.ids, scores.tolist(), report)


def write_weighed(
    client: GraphClient, generation: int, ids: Sequence[str], events: Sequence[float]
) -> int:
    """Store on items what the events on them count by kind, and return how many are there."""
    return _write_numbers(client, _weighed(generation), ids, events)


def fault(client: GraphClient, generation: int, settings: Mapping[str, Any]) -> str | None:
    """Return what is missing of what a generation stored, by its settings, or None."""
    stored: tuple[tuple[Label, str, str], ...] = (
        ("User", _others(generation), "neighbour_users"),
        ("Item", _recent(generation), "recent_items"),
        ("Item", _weighed(generation), "weighed_items"),
    )
    for label, name, setting in stored:
        if written := settings.get(setting):
            there = embeddings.carriers(client, label, name).vectors
            # Users and items may have left the graph since; few left is a fault.
            if there < written / 2:
                return f"{there} of {written} {label.lower()}s still have their counts"
    return None


def remove(client: GraphClient, generation: int) -> None:
    """Remove all of it, in small transactions; nothing happens where there is nothing."""
    client.schema("generation/remove_user_neighbours", generation=generation)
    stored: tuple[tuple[Label, tuple[str, ...]], ...] = (
        ("User", (_others(generation), f"{property_name(generation)}_counts")),
        ("Item", (_recent(generation), _weighed(generation))),
    )
    for label, names in stored:
        for name in names:
            embeddings.remove_property(client, label, name)


def _write_numbers(
    client: GraphClient,
    name: str,
    ids: Sequence[str],
    numbers: Sequence[float],
    report: CountProgress = no_count,
) -> int:
    written = 0
    for start in range(0, len(ids), _ITEMS):
        some = slice(start, start + _ITEMS)
        written += client.write(
            "generation/write_recent",
            {"recent": name},
            ids=list(ids[some]),
            scores=list(numbers[some]),
        )[0]["written"]
        report(min(start + _ITEMS, len(ids)), len(ids))
    return written


def _write(
    client: GraphClient, slots: dict[str, str], generation: int, rows: Sequence[UserRow]
) -> int:
    written: int = client.write(
        "generation/write_user_neighbours",
        slots,
        rows=[list(row) for row in rows],
        generation=generation,
    )[0]["written"]
    return written


def _others(generation: int) -> str:
    return f"{property_name(generation)}_others"


def _recent(generation: int) -> str:
    return f"{property_name(generation)}_recent"


def _weighed(generation: int) -> str:
    return f"{property_name(generation)}_weighed"
