"""What a ranker has to know of items and users that no question alone tells, as of one moment.

Learned or counted from all events up to it; it is stored with a generation, so that what ranks and
what it was learned from belong together.
"""

import numpy as np

from engine.data.arrays import Int32Array, Int64Array
from engine.data.baskets import fill
from engine.data.highest import among_highest
from engine.data.interactions import Interactions
from engine.data.item_edges import ItemEdges, co_occurrence, sequence
from engine.models.user_knn import UserKnn, UserKnnConfig
from engine.ranking.item_numbers import packed
from engine.ranking.item_statistics import STATISTICS, item_statistics
from engine.ranking.ranking_knowledge import RankingKnowledge

_NAMED = 30
"""Items that an item names: of the last basket's some hundred the best are candidates."""
_PEOPLE = 60
_POPULAR = 60
_POPULAR_BY = "events_28_days"
_LARGEST_BASKET = 200
_FEWEST_TOGETHER = 2
_USERS_AT_ONCE = 500


def knowledge(
    events: Interactions,
    baskets: Int64Array,
    groups: Int32Array,
    as_of: int,
    users: Int64Array | None = None,
) -> RankingKnowledge:
    """Return what is known at a moment.

    Args:
        events: Those after ``as_of`` do not count.
        baskets: Number of the basket of each event, ``(n,) int64``.
        groups: ``(n_items, GROUPS) int32``.
        as_of: Epoch milliseconds.
        users: Rows of the users who will be asked for; None: all.
    """
    users = np.arange(events.n_users) if users is None else users
    known = events.at <= as_of
    past, basket = events.select(known), baskets[known]
    statistics = item_statistics(past, as_of)
    recent = statistics[:, STATISTICS.index(_POPULAR_BY)]
    _, basket = np.unique(basket, return_inverse=True)
    held = fill(past, basket, np.ones(len(past)), _LARGEST_BASKET)
    return RankingKnowledge(
        packed(statistics, groups),
        _lists(co_occurrence(held, past.items, _NAMED, _FEWEST_TOGETHER), past.n_items),
        _lists(sequence(past, held, basket, _NAMED, 1), past.n_items),
        users.tolist(),
        *_of_people(past, users),
        np.lexsort((past.items.order, -recent))[:_POPULAR].tolist(),
    )


def _lists(edges: ItemEdges, n: int) -> list[list[int]]:
    bounds = np.searchsorted(edges.item, np.arange(n + 1))
    return [edges.other[bounds[row] : bounds[row + 1]].tolist() for row in range(n)]


def _of_people(
    events: Interactions, users: Int64Array
) -> tuple[list[list[int]], list[list[float]]]:
    method = UserKnn(events, UserKnnConfig())
    had = np.zeros(events.n_items, dtype=bool)
    items: list[list[int]] = []
    counts: list[list[float]] = []
    for start in range(0, len(users), _USERS_AT_ONCE):
        rows = users[start : start + _USERS_AT_ONCE]
        theirs, own = method.of_others(rows), method.frequencies[rows]
        for at in range(len(rows)):
            cells = slice(theirs.indptr[at], theirs.indptr[at + 1])
            item, count = theirs.indices[cells], theirs.data[cells]
            mine = own.indices[own.indptr[at] : own.indptr[at + 1]]
            had[mine] = True
            old = np.flatnonzero(had[item])
            new = np.flatnonzero(~had[item])
            new = new[among_highest(count[new], _PEOPLE)]
            had[mine] = False
            kept = np.concatenate(
                [
                    new[np.lexsort((events.items.order[item[new]], -count[new]))[:_PEOPLE]],
                    old[np.lexsort((events.items.order[item[old]], -count[old]))],
                ]
            )
            items.append(item[kept].tolist())
            counts.append(count[kept].tolist())
    return items, counts
