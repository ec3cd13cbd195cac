"""Ask for candidates and what is known of them, as flat columns: ``recommend/candidates``."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from engine.data.arrays import Float64Array, Int64Array
from engine.data.rules import Rules
from engine.graph.vector_index import index_name
from engine.ranking.candidates import SOURCES, Candidates, OwnEvents
from engine.ranking.item_numbers import unpacked
from engine.store.graph_client import GraphClient, Row

_LISTS = {"near": "nearest", "people": "people", "together": "together", "next": "following"}


@dataclass(frozen=True, eq=False)
class AskedCandidates:
    """Candidates of some users.

    Attributes:
        users: Ids, in the order asked.
        known: Whether the graph has that user.
        nodes: ``(m,) int64`` number of each item's node, by the rows of ``table``.
        table: What the ranker's features are made of.
    """

    users: tuple[str, ...]
    known: tuple[bool, ...]
    nodes: Int64Array
    table: Candidates


def ask_candidates(
    client: GraphClient,
    users: Sequence[str],
    rules: Rules,
    generation: int,
    as_of: int | None = None,
) -> AskedCandidates:
    """Return the candidates of users that may be shown.

    Args:
        client: The graph.
        users: Ids.
        rules: What may be shown.
        generation: Whose vectors and numbers; the one in service, or for the past any.
        as_of: Epoch milliseconds, nothing after it is read; None: now.
    """
    slots = {"index": index_name("Item", generation)} if client.server.cypher25 else None
    rows = client.ask(
        "recommend/candidates",
        slots,
        users=list(users),
        as_of=as_of,
        generation=generation,
        **rules.values(),
    )
    return _columns(rows)


def _columns(rows: Sequence[Row]) -> AskedCandidates:
    items = [np.array(row["item"], dtype=np.int64) for row in rows]
    none = np.zeros(0, np.int64)
    nodes, first = np.unique(np.concatenate([*items, none]), return_index=True)
    numbers = list(chain.from_iterable(row["numbers"] for row in rows))
    statistics, groups = unpacked([numbers[at] for at in first])
    shown = [
        np.sort(np.searchsorted(nodes, ids[np.array(row["shown"], dtype=bool)]))
        for row, ids in zip(rows, items, strict=True)
    ]
    scores: dict[str, list[Float64Array]] = {name: [] for name in SOURCES}
    for row, of_user in zip(rows, shown, strict=True):
        for name in SOURCES:
            scores[name].append(_scores(_named(row, name), nodes, of_user))
    flat = {name: np.concatenate([*found, np.zeros(0)]) for name, found in scores.items()}
    table = Candidates(
        as_of=rows[0]["as_of"] if rows else 0,
        n_users=len(rows),
        user=np.repeat(np.arange(len(rows)), [len(one) for one in shown]),
        item=np.concatenate([*shown, none]),
        scores=flat,
        cosine=flat["near"],
        own=_own(rows, nodes),
        statistics=statistics,
        groups=groups,
    )
    return AskedCandidates(
        tuple(row["subject"] for row in rows), tuple(row["known"] for row in rows), nodes, table
    )


def _named(row: Row, source: str) -> list[tuple[int, float]]:
    """Return the items that a source names, and how much it speaks for each."""
    if source in _LISTS:
        return row[_LISTS[source]]  # type: ignore[no-any-return]
    if source == "popular":  # best first
        return [(item, -float(rank)) for rank, item in enumerate(row[source])]
    if source == "own":
        return [(item, float(len(at))) for item, at in zip(row["own"], row["times"], strict=True)]
    return []


def _scores(
    named: Sequence[tuple[int, float]], nodes: Int64Array, of_user: Int64Array
) -> Float64Array:
    """Return the score of each candidate of a user; NaN where the source does not name it."""
    result = np.full(len(of_user), np.nan)
    if named and len(of_user):
        columns = np.array(named, dtype=np.float64)
        rows = np.searchsorted(nodes, columns[:, 0].astype(np.int64))
        place = np.minimum(np.searchsorted(of_user, rows), len(of_user) - 1)
        there = of_user[place] == rows
        result[place[there]] = columns[there, 1]
    return result


def _own(rows: Sequence[Row], nodes: Int64Array) -> OwnEvents:
    user, item, at, basket = [], [], [], []
    for place, row in enumerate(rows):
        counts = [len(times) for times in row["times"]]
        flat = list(chain.from_iterable(row["baskets"]))
        user.append(np.full(len(flat), place))
        item.append(np.repeat(np.searchsorted(nodes, np.array(row["own"], np.int64)), counts))
        at.append(np.fromiter(chain.from_iterable(row["times"]), np.int64, len(flat)))
        number: dict[str, int] = {}
        basket.append(
            np.fromiter((number.setdefault(one, len(number)) for one in flat), np.int64, len(flat))
        )
    none = [np.zeros(0, np.int64)]
    return OwnEvents(*(np.concatenate([*parts, *none]) for parts in (user, item, at, basket)))
