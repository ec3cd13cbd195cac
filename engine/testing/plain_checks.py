"""What a method keeps that is finished once it is built."""

from typing import Any

import numpy as np

from engine.data.model_options import configure
from engine.models.registry_entries import ItemScorer, PlainMethod
from engine.testing import two_tastes
from engine.testing.expectation import expect
from engine.testing.trained_checks import ModelSettings

_ROWS = np.array([3, 0, two_tastes.USERS])


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
        found = method.embeddings()  # type: ignore[attr-defined]
        expect(found.users.dtype == found.items.dtype == np.float32, "vectors are not float32")
        users, items = len(found.users), len(found.items)
        wide = two_tastes.USERS + 1, two_tastes.ITEMS + 1
        expect((users, items) == wide, f"{users} users and {items} items, not {wide[0]}, {wide[1]}")
