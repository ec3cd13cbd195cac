"""A small shop whose answer is known: two tastes, and users and items of which nothing is known."""

from collections.abc import Collection

import numpy as np

from engine.data.arrays import Float32Array
from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary

USERS, ITEMS, SHELVES = 40, 30, 6
"""Those of which something is known; behind them stands one more of each, of which nothing is."""


def events() -> Interactions:
    """Return purchases: even users take even items, odd users odd ones, ten each, an hour apart."""
    generator = np.random.default_rng(2)
    user = np.repeat(np.arange(USERS), 10)
    item = 2 * generator.integers(0, ITEMS // 2, len(user)) + user % 2
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(USERS + 1)]),
        Vocabulary([f"i{n}" for n in range(ITEMS + 1)]),
        user,
        item,
        at=np.arange(1, len(user) + 1) * 3_600_000,
    )


def material(wanted: Collection[str] = ()) -> TrainingData:
    """Return the events, and beside them what is wanted: ``facts``, ``features``.

    Facts say on which of the shelves an item stands, and shelves hold items of one taste; features
    are 12 numbers of each item that say nothing.
    """
    found = events()
    features = np.random.default_rng(4).standard_normal((ITEMS + 1, 12)).astype(np.float32)
    features[-1] = 0.0
    item = np.arange(ITEMS)
    shelf = found.n_users + found.n_items + item % SHELVES
    stands = (found.n_users + item, np.zeros(ITEMS, dtype=np.int64), shelf)
    shelves = Vocabulary([f"Shelf:{number}" for number in range(SHELVES + 1)])
    return TrainingData(
        found,
        Knowledge.of((found.n_users, found.n_items), shelves, ("STANDS_ON",), stands)
        if "facts" in wanted
        else None,
        NodeFeatures(items=features) if "features" in wanted else None,
    )


def separation(scores: Float32Array) -> float:
    """Return how often an item of the user's taste that it never had beats one of the other taste.

    Args:
        scores: ``(USERS + 1, ITEMS + 1)``, of every user and item.

    Returns:
        A share, averaged over users: 0.5 by chance, 1 where tastes are found.
    """
    had = events()
    seen = had.csr(binary=True).toarray()[:USERS, :ITEMS] > 0
    same = (np.arange(USERS)[:, None] + np.arange(ITEMS)) % 2 == 0
    taken = had.item_counts()[:ITEMS] > 0
    shares = []
    for own, known, row in zip(same, seen, scores[:USERS, :ITEMS], strict=True):
        right, wrong = row[own & ~known & taken], row[~own & taken]
        shares.append(float((right[:, None] > wrong[None, :]).mean()))
    return float(np.mean(shares))
