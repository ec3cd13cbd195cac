"""What a method keeps that is finished once it is built."""

from typing import Any

import numpy as np

from engine.data.model_options import configure
from engine.models.item_filter import FilterConfig
from engine.models.registry_entries import ItemScorer, PlainMethod
from engine.testing import two_tastes
from engine.testing.expectation import expect
from engine.testing.trained_checks import ModelSettings

_ROWS = np.array([3, 0, two_tastes.USERS])
_EDGES = 3


def built(entry: PlainMethod, settings: ModelSettings) -> ItemScorer:
    """Return the method, made from the small shop."""
    config: Any = configure(entry.config, settings)
    return entry.build(two_tastes.events(), config, np.random.default_rng(0))


def scores_every_item(entry: PlainMethod, settings: ModelSettings) -> None:
    """Scores are float32, a row per user asked for; -inf leaves an item out, never all of them."""
    scores = built(entry, settings).score(_ROWS)
    wide = len(_ROWS), two_tastes.ITEMS + 1
    expect(scores.shape == wide, f"scores have the shape {scores.shape}, not {wide}")
    expect(scores.dtype == np.float32, f"scores are {scores.dtype}, not float32")
    expect(bool((np.isfinite(scores) | np.isneginf(scores)).all()), "a score is NaN or +inf")
    finite = np.isfinite(scores[:-1]).any(axis=1)
    expect(bool(finite.all()), "a user who has events is left without a single item")


def gives_scores_away(entry: PlainMethod, settings: ModelSettings) -> None:
    """What the caller does to scores changes nothing in the method."""
    method = built(entry, settings)
    given = method.score(_ROWS)
    before = given.copy()
    given[:] = -1.0
    np.testing.assert_array_equal(method.score(_ROWS), before, "scores, asked again")


def same_seed_same_scores(entry: PlainMethod, settings: ModelSettings) -> None:
    """Two methods built from one seed score alike, to the bit."""
    first, again = (built(entry, settings).score(_ROWS) for _ in range(2))
    np.testing.assert_array_equal(first, again, "scores of two methods of one seed")


def has_what_it_says(entry: PlainMethod, settings: ModelSettings) -> None:
    """It has ``embeddings()`` and ``item_edges()`` exactly where its entry says so."""
    method = built(entry, settings)
    for said, name in ((entry.vectors, "embeddings"), (entry.edges, "item_edges")):
        there = hasattr(method, name)
        expect(
            there is said, f"{name}() is {'there' if there else 'missing'}, its entry says {said}"
        )
    if entry.vectors:
        _check_vectors(method)
    if entry.edges:
        _check_edges(method)
        said = issubclass(entry.config, FilterConfig)
        expect(said, f"{entry.config.__name__} is no FilterConfig, so its edges cannot be served")


def _check_vectors(method: Any) -> None:
    found = method.embeddings()
    expect(found.users.dtype == found.items.dtype == np.float32, "vectors are not float32")
    users, items = len(found.users), len(found.items)
    wide = two_tastes.USERS + 1, two_tastes.ITEMS + 1
    expect((users, items) == wide, f"{users} users and {items} items, not {wide[0]}, {wide[1]}")
    finite = np.isfinite(found.users).all() and np.isfinite(found.items).all()
    expect(bool(finite), "a vector holds what is no finite number")


def _check_edges(method: Any) -> None:
    found, size = method.item_edges(_EDGES), two_tastes.ITEMS + 1
    expect(found.shape == (size, size), f"edges have the shape {found.shape}, not {(size, size)}")
    expect(found.dtype == np.float32, f"edges are {found.dtype}, not float32")
    expect(bool(np.isfinite(found.data).all()), "an edge is not a finite number")
    expect(not found.diagonal().any(), "an edge leads from an item to itself")
    most = int(np.diff(found.indptr).max(initial=0))
    expect(1 <= most <= _EDGES, f"an item has {most} edges, where {_EDGES} at most were asked for")
