"""Ask for candidates and what is known of them, as flat columns: ``recommend/candidates``."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from engine.data.arrays import BoolArray, Float64Array, Int64Array
from engine.data.rules import Rules
from engine.graph import stored_ranking_knowledge
from engine.graph.vector_index import index_name
from engine.ranking.candidates import SOURCES, Candidates, OwnEvents
from engine.ranking.item_numbers import unpacked
from engine.store.graph_client import GraphClient, Row

MOST_OWN = 150
"""Own items beyond stand at the end of any list, and a busy user has some hundred of them."""
_SCORED = {"near": "nearest", "together": "together", "next": "following"}


@dataclass(frozen=True, eq=False)
class AskedCandidates:
    """Candidates of some users.

    Attributes:
        users: Ids, in the order asked.
        known: Whether the graph has that user.
        nodes: ``(m,) int64`` number of each item's node, by the rows of ``table``.
        table: What the ranker's features are made of.
        ids: Id of the item of each candidate.
        names: Its name, empty where it has none, may not be shown or the past is asked about.
        shown: ``(n,) bool``: which of the candidates may be shown. What may not is a candidate all
            the same: no rule changes what speaks for another one.
    """

    users: tuple[str, ...]
    known: tuple[bool, ...]
    nodes: Int64Array
    table: Candidates
    ids: tuple[str, ...]
    names: tuple[str, ...]
    shown: BoolArray


def ask_candidates(
    client: GraphClient,
    users: Sequence[str],
    rules: Rules,
    generation: int,
    as_of: int | None = None,
    most_own: int = MOST_OWN,
    ranker: str | None = None,
) -> AskedCandidates:
    """Return the candidates of users, and which may be shown.

    Args:
        client: The graph.
        users: Ids.
        rules: What may be shown.
        generation: Whose vectors and numbers; the one in service, or for the past any.
        as_of: Epoch milliseconds, nothing after it is read; None: now.
        most_own: How many own items are candidates, those taken most of late.
        ranker: SHA-256 of the one that will order them now; None: whichever there is.

    Returns:
        The candidates; no user at all where now another generation or ranker is in service.
    """
    slots = stored_ranking_knowledge.names(generation)
    if client.server.cypher25:
        slots["index"] = index_name("Item", generation)
    rows = client.ask(
        "recommend/candidates",
        slots,
        users=list(users),
        as_of=as_of,
        generation=generation,
        most_own=most_own,
        ranker=ranker,
        **rules.values(),
    )
    return _columns(rows)


def _columns(rows: Sequence[Row]) -> AskedCandidates:
    none = np.zeros(0, np.int64)
    given = [np.array(row["item"], dtype=np.int64) for row in rows]
    # Own items that are no candidates have numbers too: what is bought of a category counts all.
    rest = [np.array(row["rest"], dtype=np.int64) for row in rows]
    nodes, first, place = np.unique(
        np.concatenate([*given, *rest, none]), return_index=True, return_inverse=True
    )
    numbers = [
        *chain.from_iterable(row["numbers"] for row in rows),
        *chain.from_iterable(row["rest_numbers"] for row in rows),
    ]
    statistics, groups = unpacked([numbers[at] for at in first])
    user = np.repeat(np.arange(len(rows)), [len(one) for one in given])
    place = place[: len(user)]
    # Node numbers ascend with rows of the items: candidates are sorted by user and item.
    order = np.lexsort((place, user))
    user, item = user[order], place[order]
    key = user * len(nodes) + item
    own = _own(rows, nodes)
    ids = _flat(rows, "ids", order)
    scores = {name: _scores(rows, name, nodes, key) for name in (*_SCORED, "popular")}
    scores["own"] = _counts(own, len(nodes), key)
    scores["people"] = _of_people(rows, ids, user)
    table = Candidates(
        as_of=rows[0]["as_of"] if rows else 0,
        n_users=len(rows),
        user=user,
        item=item,
        scores={name: scores[name] for name in SOURCES},
        cosine=scores["near"],
        own=own,
        statistics=statistics,
        groups=groups,
    )
    return AskedCandidates(
        users=tuple(row["subject"] for row in rows),
        known=tuple(row["known"] for row in rows),
        nodes=nodes,
        table=table,
        ids=ids,
        names=_flat(rows, "names", order),
        shown=np.array([may for row in rows for may in row["shown"]], dtype=bool)[order],
    )


def _flat(rows: Sequence[Row], column: str, order: Int64Array) -> tuple[Any, ...]:
    """Return a column of the candidates of all users, in their order."""
    values = list(chain.from_iterable(row[column] for row in rows))
    return tuple([values[at] for at in order.tolist()])  # numbers of NumPy index slowly


def _scores(rows: Sequence[Row], source: str, nodes: Int64Array, key: Int64Array) -> Float64Array:
    """Return how much a source speaks for each candidate; NaN where it does not name it.

    The popular are named in order only: a place further down is one less.
    """
    result = np.full(len(key), np.nan)
    for user, row in enumerate(rows):
        named = row[_SCORED.get(source, source)]
        if not named:
            continue
        if source in _SCORED:
            pairs = np.array(named, dtype=np.float64)
            ids, score = pairs[:, 0].astype(np.int64), pairs[:, 1]
        else:
            ids, score = np.array(named, dtype=np.int64), -np.arange(len(named), dtype=np.float64)
        cells = user * len(nodes) + np.searchsorted(nodes, ids)
        result[np.searchsorted(key, cells)] = score
    return result


def _of_people(rows: Sequence[Row], ids: Sequence[str], user: Int64Array) -> Float64Array:
    """Return how often the users most like its user have each candidate; NaN for never."""
    found: list[float] = []
    bounds = np.searchsorted(user, np.arange(len(rows) + 1))
    for row, start, stop in zip(rows, bounds, bounds[1:], strict=False):
        counts = dict(zip(row["people"], row["people_counts"], strict=True))
        found += [counts.get(id_, np.nan) for id_ in ids[start:stop]]
    return np.array(found, dtype=np.float64)


def _counts(own: OwnEvents, n_items: int, key: Int64Array) -> Float64Array:
    """Return how many events each candidate has with its user; NaN for none."""
    cells, count = np.unique(own.user * n_items + own.item, return_counts=True)
    result = np.full(len(key), np.nan)
    inside = np.isin(cells, key)
    result[np.searchsorted(key, cells[inside])] = count[inside]
    return result


def _own(rows: Sequence[Row], nodes: Int64Array) -> OwnEvents:
    sizes = [len(times) for row in rows for times in row["times"]]
    user = np.repeat(np.arange(len(rows)), [len(row["own"]) for row in rows])
    ids = np.array([item for row in rows for item in row["own"]], dtype=np.int64)
    times = [at for row in rows for times in row["times"] for at in times]
    named = [name for row in rows for names in row["baskets"] for name in names]
    # Two users' baskets of one name are told apart by the user.
    numbers = {name: number for number, name in enumerate(dict.fromkeys(named))}
    return OwnEvents(
        user=np.repeat(user, sizes),
        item=np.repeat(np.searchsorted(nodes, ids), sizes),
        at=np.array(times, dtype=np.int64),
        basket=np.array([numbers[name] for name in named], dtype=np.int64),
    )
