"""Pull events and attributes out of the graph (``cypher/pull``).

One record carries the events of a page of users as parallel lists, so the cost per event is that
of a few packed numbers.
"""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import numpy as np

from engine.data.arrays import AnyArray, Int32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.kind_weights import EQUAL, KindWeights
from engine.data.progress_callbacks import CountProgress, no_count
from engine.data.vocabulary import Vocabulary
from engine.graph.pulling.event_columns import joined, ordered_part
from engine.store.graph_client import GraphClient

_PAGE = 250
_USERS_PER_QUERY = 2_000
# The server works on one query with one core.
_AT_ONCE = 2
_COLUMNS = {
    "user": np.int64,
    "item": np.int64,
    "at": np.int64,
    "weight": np.float32,
    "event": np.int16,
}
_NOT_ATTRIBUTES = ("id", "name", "hidden", "expires_at")
"""Attributes that identify a node or are a rule of their own: nothing to learn from."""

_EventsOf = Callable[[GraphClient, Int64Array, dict[str, int]], list[AnyArray]]


def pull_interactions(
    client: GraphClient, report: CountProgress = no_count, kinds: KindWeights = EQUAL
) -> Interactions:
    """Return every event of the graph that weighs something; rows are numbered by sorted id.

    Users and items without an event have a row too. What is loaded meanwhile may or may not be in:
    compare ``data_watermark`` before and after where that matters.

    Args:
        client: The graph.
        report: Called now and then with users done and users in all.
        kinds: Factors on the weights of events; those of a kind with 0 or less are left out.
    """
    return kinds.weighed(_pull(client, report, _events_of)[0])[0]


def pull_baskets(
    client: GraphClient, report: CountProgress = no_count, kinds: KindWeights = EQUAL
) -> tuple[Interactions, Int64Array]:
    """Return what ``pull_interactions`` does and, in that order, a number of each event's basket.

    It is -1 for none.

    The number is that of the text: two users' baskets of one name have one number.
    """
    numbers: dict[str, int] = {}
    following = itertools.count()

    def events_of(client: GraphClient, nodes: Int64Array, codes: dict[str, int]) -> list[AnyArray]:
        rows = client.read("pull/baskets", pages=_pages(nodes), codes=codes)
        # Two threads share the table: `setdefault` keeps one number, whoever comes first.
        named = (name for row in rows for name in row["basket"])
        basket = [numbers.setdefault(name, next(following)) if name else -1 for name in named]
        return [*_columns(rows), np.array(basket, dtype=np.int64)]

    events, rest = _pull(client, report, events_of)
    weighed, kept = kinds.weighed(events)
    return weighed, rest[0][kept] if rest else np.empty(0, dtype=np.int64)


def event_names(client: GraphClient) -> list[str]:
    """Return the kinds of event that there are, in order; the empty text for one that has none."""
    return sorted(row["event"] or "" for row in client.read("pull/event_names"))


def pull_users(client: GraphClient) -> Vocabulary:
    """Return users by sorted id."""
    return _nodes(client, "pull/users")[0]


def pull_items(client: GraphClient) -> tuple[Vocabulary, Int32Array]:
    """Return items by sorted id, and a table from the server's node number to the row, else -1."""
    return _nodes(client, "pull/items")


def _pull(
    client: GraphClient, report: CountProgress, events_of: _EventsOf
) -> tuple[Interactions, list[AnyArray]]:
    """Pull the columns that ``events_of`` returns for some users; those of no event come apart."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        naming = pool.submit(event_names, client)
        users, user_rows = _nodes(client, "pull/users")
        items, item_rows = _nodes(client, "pull/items")
        names = naming.result()
        codes = {name: code for code, name in enumerate(names)}
        nodes = np.flatnonzero(user_rows >= 0)

        def pulled(start: int) -> list[AnyArray]:
            some = nodes[start : start + _USERS_PER_QUERY]
            return ordered_part(events_of(client, some, codes), user_rows, item_rows)

        parts: list[list[AnyArray]] = []
        for part in pool.map(pulled, range(0, len(nodes), _USERS_PER_QUERY)):
            parts.append(part)
            report(min(len(parts) * _USERS_PER_QUERY, len(nodes)), len(nodes))
    user, item, at, weight, event, *rest = joined(parts, len(users))
    return Interactions(users, items, user, item, weight, at, event, tuple(names)), rest


def data_watermark(client: GraphClient) -> int | None:
    """Return the number of the newest batch, or None in an empty graph, and close it and all below.

    Everything up to it can be pulled now; whatever is written later has a higher number, though it
    was begun before.
    """
    number: int | None = client.write("pull/watermark")[0]["number"]
    return number


def newest_batch(client: GraphClient) -> int | None:
    """Return the number of the newest batch, or None in an empty graph; changes nothing."""
    number: int | None = client.read("pull/newest_batch")[0]["number"]
    return number


def _nodes(client: GraphClient, name: str) -> tuple[Vocabulary, Int32Array]:
    """Return ids in order, and a table from the server's node number to the row, -1 elsewhere."""
    found = client.read(name)[0]
    ids = found["ids"]
    order = sorted(range(len(ids)), key=ids.__getitem__)
    numbers = np.array(found["nodes"], dtype=np.int64)[order]
    table = np.full(int(numbers.max(initial=-1)) + 2, -1, dtype=np.int32)
    table[numbers] = np.arange(len(numbers), dtype=np.int32)
    return Vocabulary([ids[at] for at in order]), table


def _events_of(client: GraphClient, nodes: Int64Array, codes: dict[str, int]) -> list[AnyArray]:
    """Return user node, item node, at, weight and code of the events of some users."""
    return _columns(client.read("pull/events", pages=_pages(nodes), codes=codes))


def _pages(nodes: Int64Array) -> list[list[int]]:
    return [nodes[at : at + _PAGE].tolist() for at in range(0, len(nodes), _PAGE)]


def _columns(rows: list[dict[str, Any]]) -> list[AnyArray]:
    return [
        np.concatenate([np.array(row[name], dtype=kind) for row in rows])
        for name, kind in _COLUMNS.items()
    ]


def pull_attributes(
    client: GraphClient, label: Literal["User", "Item"], *, names: bool = False
) -> dict[str, dict[str, Any]]:
    """Return id to attributes of every user or item that has any; vectors apart.

    Args:
        client: The graph.
        label: Of the nodes.
        names: Whether the names of items and users are attributes too.
    """
    without = [name for name in _NOT_ATTRIBUTES if not (names and name == "name")]
    rows = client.stream("pull/attributes", {"label": label}, without=without)
    return {row["id"]: dict(row["attributes"]) for row in rows if row["attributes"]}
