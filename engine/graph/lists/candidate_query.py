"""Ask for candidates and what is known of them, as flat columns: ``recommend/candidates``."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import Any

import numpy as np

from engine.data.arrays import BoolArray, Float64Array, Int64Array
from engine.data.rules import Rules
from engine.data.signals import MILLISECONDS_PER_DAY
from engine.graph import stored_ranking_knowledge
from engine.graph.vector_index import index_name
from engine.ranking.candidates import SOURCES, Candidates, OwnEvents
from engine.ranking.item_numbers import unpacked
from engine.store.graph_client import GraphClient, Row

MOST_OWN = 150
"""Own items beyond stand at the end of any list, and a busy user has some hundred of them."""
_SCORED = {
    "people": ("people", "people_counts"),
    "together": ("together", "together_scores"),
    "next": ("following", "following_scores"),
}
"""Source -> the columns of the items that it names and of what it says of each."""
_HALF_LIFE_MS = 120 * MILLISECONDS_PER_DAY
_NONE = np.zeros(0, dtype=np.int64)


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
    indexed: bool = True,
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
        indexed: Whether the generation has a vector index; a filter has edges instead.

    Returns:
        The candidates; no user at all where now another generation or ranker is in service.
    """
    slots = stored_ranking_knowledge.names(generation)
    if indexed and client.server.cypher25:
        slots["index"] = index_name("Item", generation)
    rows = client.ask(
        "recommend/candidates",
        slots,
        users=list(users),
        as_of=as_of,
        generation=generation,
        ranker=ranker,
        **rules.values(),
    )
    return _columns(rows, most_own)


def _columns(rows: Sequence[Row], most_own: int) -> AskedCandidates:
    given = [np.array(row["item"], dtype=np.int64) for row in rows]
    nodes, first, place = np.unique(
        np.concatenate([*given, _NONE]), return_index=True, return_inverse=True
    )
    numbers = list(chain.from_iterable(row["numbers"] for row in rows))
    statistics, groups = unpacked([numbers[at] for at in first])
    user = np.repeat(np.arange(len(rows)), [len(one) for one in given])
    # Node numbers ascend with rows of the items: candidates are sorted by user and item.
    order = np.lexsort((place, user))
    user, item = user[order], place[order]
    ids = _flat(rows, "ids", order)
    own = _own(rows, nodes)
    scores = _scores(rows, ids, user, nodes[item])
    scores["own"], lately = _of_own(own, rows, user * len(nodes) + item, len(nodes))
    # Own items that are no candidates are there too: what is bought of a category counts all.
    kept = np.isnan(scores["own"]) | _highest(lately, user, ids, most_own)
    for name in ("near", "together", "next", "popular"):
        kept |= ~np.isnan(scores[name])
    user, item, order = user[kept], item[kept], order[kept]
    table = Candidates(
        as_of=rows[0]["as_of"] if rows else 0,
        n_users=len(rows),
        user=user,
        item=item,
        scores={name: scores[name][kept] for name in SOURCES},
        cosine=scores["near"][kept],
        own=own,
        statistics=statistics,
        groups=groups,
    )
    return AskedCandidates(
        users=tuple(row["subject"] for row in rows),
        known=tuple(row["known"] for row in rows),
        nodes=nodes,
        table=table,
        ids=tuple(compress(ids, kept.tolist())),
        names=_flat(rows, "names", order),
        shown=np.array([may for row in rows for may in row["shown"]], dtype=bool)[order],
    )


def _flat(rows: Sequence[Row], column: str, order: Int64Array) -> tuple[Any, ...]:
    """Return a column of the candidates of all users, in their order."""
    values = list(chain.from_iterable(row[column] for row in rows))
    return tuple([values[at] for at in order.tolist()])  # numbers of NumPy index slowly


def _own(rows: Sequence[Row], nodes: Int64Array) -> OwnEvents:
    """Return the events, sorted: sums over them must not hang on the order of a store."""
    user = np.repeat(np.arange(len(rows)), [len(row["own"]) for row in rows])
    item = np.array(list(chain.from_iterable(row["own"] for row in rows)), dtype=np.int64)
    at = np.array(list(chain.from_iterable(row["times"] for row in rows)), dtype=np.int64)
    named = list(chain.from_iterable(row["baskets"] for row in rows))
    # By name, as two baskets of one time have no other order; users tell equal names apart.
    numbers = {name: number for number, name in enumerate(sorted(set(named)))}
    basket = np.array([numbers[name] for name in named], dtype=np.int64)
    order = np.lexsort((at, item, user))
    item = np.searchsorted(nodes, item)
    return OwnEvents(user[order], item[order], at[order], basket[order])


def _of_own(
    own: OwnEvents, rows: Sequence[Row], key: Int64Array, n_items: int
) -> tuple[Float64Array, Float64Array]:
    """Return of each item how many events its user has with it, and how many of late; else NaN."""
    count, lately = np.full(len(key), np.nan), np.full(len(key), np.nan)
    if not len(own.user):
        return count, lately
    cells, cell = np.unique(own.user * n_items + own.item, return_inverse=True)
    age = (rows[0]["as_of"] - own.at) / _HALF_LIFE_MS
    place = np.searchsorted(key, cells)
    count[place] = np.bincount(cell)
    lately[place] = np.bincount(cell, 2.0**-age)
    return count, lately


def _scores(
    rows: Sequence[Row], ids: Sequence[str], user: Int64Array, node: Int64Array
) -> dict[str, Float64Array]:
    """Return how much each source speaks for each item; NaN where it does not name it.

    The popular are named in order only: a place further down is one less.
    """
    found = {name: np.full(len(ids), np.nan) for name in (*_SCORED, "near", "popular")}
    bounds = np.searchsorted(user, np.arange(len(rows) + 1)).tolist()
    for row, start, stop in zip(rows, bounds, bounds[1:], strict=False):
        place_of = dict(zip(ids[start:stop], range(start, stop), strict=True))
        for name, (named, told) in _SCORED.items():
            places = [place_of.get(id_, -1) for id_ in row[named]]
            _put(found[name], places, row[told])
        popular = [place_of.get(id_, -1) for id_ in row["popular"]]
        _put(found["popular"], popular, range(0, -len(popular), -1))
        near = np.array(row["near"], dtype=np.int64)
        found["near"][start + np.searchsorted(node[start:stop], near)] = row["near_scores"]
    return found


def _put(column: Float64Array, places: list[int], values: Sequence[float]) -> None:
    """Write values where they belong; what has no place is no longer in the graph."""
    there = np.array(places, dtype=np.int64)
    column[there[there >= 0]] = np.array(values, dtype=np.float64)[there >= 0]


def _highest(lately: Float64Array, user: Int64Array, ids: Sequence[str], most: int) -> BoolArray:
    """Return which own items are those that each user took most of late; of level ones by id."""
    found = ~np.isnan(lately)
    counts = np.bincount(user[found], minlength=1)
    for row in np.flatnonzero(counts > most).tolist():
        places = np.flatnonzero(found & (user == row)).tolist()
        places.sort(key=lambda place: (-lately[place], ids[place]))
        found[places[most:]] = False
    return found
