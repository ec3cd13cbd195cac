"""Serve a plain method openly: a generation without vectors, whose weights make it that method.

score(u, i) = a·popularity(i) + b·repeats(u, i), as for every generation: with a = 1 and b = 0 it is
popularity, with b = 1000 buy-it-again.
"""

from collections.abc import Mapping

from engine.errors import NotFound
from engine.graph import census, stored_generations
from engine.publishing import generations
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

_OWN_FIRST = 1_000.0
AGAIN_WEIGHTS: Mapping[str, float] = {"popular": 0.0, "buy-again": _OWN_FIRST}
"""Methods that can be served so, and their weight of repeats."""

_NEVER = float("inf")
_FETCH = 40


def publish_plain(graph: GraphClient, registry: Registry, name: str) -> int:
    """Write a generation of a plain method, ready to be promoted, and return its number.

    The caller holds its home's lock of publishing.

    Raises:
        NotFound: It is none of the plain methods that the serving query can be.
    """
    if name not in AGAIN_WEIGHTS:
        raise NotFound(f"{name} cannot be served", hint=", ".join(AGAIN_WEIGHTS))
    number = generations.create_candidate(graph, registry, name)
    with generations.removed_on_failure(graph, registry, number):
        _write(graph, registry, number, name)
    return number


def _write(graph: GraphClient, registry: Registry, number: int, name: str) -> None:
    registry.add_generation(number, None, name, 0, {})
    stored = {
        "model": name,
        "plain": name,
        "dimension": 0,
        "scoring": "cosine",
        "score_scale": 1.0,
        "over_fetch": _FETCH,
        "popular_fetch": _FETCH,
        "popularity_weight": 1.0,
        "again_weight": AGAIN_WEIGHTS[name],
        "half_life_days": _NEVER,
        "newest_at": census.newest_at(graph),
        **stored_generations.popularity(graph).stored(),
    }
    stored_generations.complete(graph, number, stored)
    registry.mark_generation(number, "ready")
