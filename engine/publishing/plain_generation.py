"""Serve a plain method openly: a generation without vectors, whose weights make it that method.

score(u, i) = a·popularity(i) + b·repeats(u, i), as for every generation: with a = 1 and b = 0 it is
popularity, with b = 1000 buy-it-again. The others count: own_weight · c_u(i) + others_weight · mean
of c_v(i) over the users most like u + popularity_weight · popularity(i), which may be the recent
one (``cypher/recommend/by_counts.cypher``).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from engine.data import signals
from engine.data.interactions import Interactions
from engine.data.kind_weights import EQUAL, KindWeights
from engine.errors import NotFound
from engine.evaluation.baselines import ALWAYS
from engine.evaluation.plain_settings import settings_of
from engine.graph import census, stored_generations, user_neighbours
from engine.graph.pulling import pull
from engine.graph.user_neighbours import UserRow
from engine.models.popular import RecentPopularConfig
from engine.models.user_knn import POPULARITY_WEIGHT, UserKnn, UserKnnConfig
from engine.publishing import generations, recorded_generations
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

_OWN_FIRST = 1_000.0
SERVED = ALWAYS
"""Methods that can be served so."""

_NEVER = float("inf")
_FETCH = 40
_NEW_ITEMS = 200
"""Items that stand on a user beside the own ones: longer lists are taken from the catalogue."""
_USERS_AT_ONCE = 500
_WEIGHTS: Mapping[str, Mapping[str, Any]] = {
    "popular": {"popularity_weight": 1.0, "again_weight": 0.0},
    "buy-again": {"popularity_weight": 1.0, "again_weight": _OWN_FIRST},
    "p-top": {"counts": True, "own_only": True, "own_weight": 1.0, "popularity_weight": 1.0},
    "gp-top": {"counts": True, "own_weight": 1.0, "popularity_weight": 1.0},
    "recent-popular": {"counts": True, "recent": True, "popularity_weight": 1.0},
    "user-knn": {"counts": True, "popularity_weight": POPULARITY_WEIGHT},
}
_NOTHING = {
    "own_weight": 0.0,
    "others_weight": 0.0,
    "again_weight": 0.0,
    "recent": False,
    "own_only": False,
}


def publish_plain(
    graph: GraphClient, registry: Registry, name: str, kinds: KindWeights = EQUAL
) -> int:
    """Write a generation of a plain method, ready to be promoted, and return its number.

    The caller holds its home's lock of publishing.

    Args:
        graph: Where to.
        registry: Where the generation is recorded.
        name: Of the method.
        kinds: What kinds of event weigh.

    Raises:
        NotFound: It is none of the plain methods that the serving query can be.
    """
    if name not in SERVED:
        raise NotFound(f"{name} cannot be served", hint=", ".join(SERVED))
    number = generations.create_candidate(graph, registry, name)
    with generations.removed_on_failure(graph, registry, number):
        _write(graph, registry, number, name, kinds)
    return number


def _write(
    graph: GraphClient, registry: Registry, number: int, name: str, kinds: KindWeights
) -> None:
    mark = recorded_generations.mark_of(graph, number)
    registry.add_generation(number, None, name, 0, mark)
    stored = {
        "model": name,
        "plain": name,
        "dimension": 0,
        "scoring": "cosine",
        "score_scale": 1.0,
        "over_fetch": _FETCH,
        "popular_fetch": _FETCH,
        "half_life_days": _NEVER,
        "newest_at": census.newest_at(graph),
        **stored_generations.write_popularity(graph, number, kinds).stored(),
        **kinds.stored(),
        **_NOTHING,
        **_WEIGHTS[name],
    }
    if name in ("recent-popular", "user-knn"):
        events = pull.pull_interactions(graph, kinds=kinds)
        config = settings_of(name, events, {})
        stored["newest_at"] = int(events.at.max(initial=0)) or None
        write = _write_recent if name == "recent-popular" else _write_neighbours
        stored |= write(graph, number, events, config)
    stored_generations.complete(graph, number, stored)
    registry.mark_generation(number, "ready")


def _write_recent(
    graph: GraphClient, number: int, events: Interactions, config: RecentPopularConfig
) -> dict[str, Any]:
    found = write_recent_popularity(graph, number, events, config.half_life_days)
    return {"half_life_days": config.half_life_days, **found}


def write_recent_popularity(
    graph: GraphClient, number: int, events: Interactions, half_life_days: float
) -> dict[str, Any]:
    """Store recent popularity on the items of a generation, and return what its node needs."""
    scores = signals.recent_popularity(events, half_life_days)
    written = user_neighbours.write_recent(graph, number, events.items, scores)
    order = np.lexsort((events.items.order, -scores))[: stored_generations.POPULAR_KEPT]
    counts = events.item_weights()
    return {
        "recent": True,
        "recent_items": written,
        "popular": [events.items.ids[row] for row in order],
        "popular_events": counts[order].tolist(),
        "popular_scores": scores[order].tolist(),
    }


def _write_neighbours(
    graph: GraphClient, number: int, events: Interactions, config: UserKnnConfig
) -> dict[str, Any]:
    method = UserKnn(events, config)
    written = user_neighbours.write(graph, number, _rows(events, method))
    return {
        "half_life_days": config.half_life_days or _NEVER,
        "own_weight": config.own_share,
        "others_weight": 1.0 - config.own_share,
        "neighbours": config.neighbours,
        "neighbour_users": written,
    }


def _rows(events: Interactions, method: UserKnn) -> Iterator[UserRow]:
    """Yield each user with neighbours, and what these have: all own items, and the best others."""
    users, items = events.users.ids, events.items.ids
    for start in range(0, len(users), _USERS_AT_ONCE):
        rows = np.arange(start, min(start + _USERS_AT_ONCE, len(users)))
        near, means = method.nearest.of(rows), method.of_others(rows)
        for at, row in enumerate(rows):
            cells = slice(near.indptr[at], near.indptr[at + 1])
            if cells.start == cells.stop:
                continue
            edges: list[list[object]] = [
                [users[other], float(score)]
                for other, score in zip(near.indices[cells], near.data[cells], strict=True)
            ]
            mine = method.frequencies.indices[slice(*method.frequencies.indptr[row : row + 2])]
            theirs = slice(means.indptr[at], means.indptr[at + 1])
            item, count = means.indices[theirs], means.data[theirs]
            own = np.isin(item, mine)
            best = np.lexsort((events.items.order[item], -count, own))[:_NEW_ITEMS]
            kept = np.union1d(np.flatnonzero(own), best)
            yield users[row], edges, [items[one] for one in item[kept]], count[kept].tolist()
