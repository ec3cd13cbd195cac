"""What is held out is in no part of the training data, and what is shown is not asked."""

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError
from engine.evaluation import ranking
from engine.evaluation.unseen_items import UnseenItems, by_attributes, hold_out, popularity


def events(users: int = 30, items: int = 20) -> Interactions:
    rng = np.random.default_rng(1)
    n = users * 8
    return Interactions.of(
        Vocabulary([f"u{row}" for row in range(users)]),
        Vocabulary([f"i{row}" for row in range(items + 1)]),
        np.repeat(np.arange(users), 8),
        rng.integers(0, items, n),
        at=np.arange(1, n + 1),
    )


@pytest.fixture(scope="module")
def data() -> UnseenItems:
    return hold_out(events(), 0.25, 0.4, np.random.default_rng(2))


def named(row: int, rows: np.ndarray) -> str:
    return f"i{rows[row]}"


def test_nothing_of_a_held_item_is_known(data: UnseenItems) -> None:
    held = {named(row, data.held) for row in range(len(data.held))}
    assert len(held) == 5
    assert held.isdisjoint(data.known.items.ids)
    assert len(data.known.items) == 21 - 5
    whole = events()
    bought = {
        (user, whole.items.ids[item]) for user, item in zip(whole.user, whole.item, strict=True)
    }
    known = {
        (user, data.known.items.ids[item])
        for user, item in zip(data.known.user, data.known.item, strict=True)
    }
    assert known == {(user, item) for user, item in bought if item not in held}


def test_every_pair_is_shown_or_asked_and_never_both(data: UnseenItems) -> None:
    whole = events()
    pairs = {(user, f"i{item}") for user, item in zip(whole.user, whole.item, strict=True)}
    shown = {(user, named(item, data.held)) for item, user in zip(*data.shown, strict=True)}
    row, column = data.question.relevant.nonzero()
    asked = {(user, named(item, data.held)) for user, item in zip(row, column, strict=True)}
    held = {named(at, data.held) for at in range(5)}
    assert shown.isdisjoint(asked)
    assert shown | asked == {pair for pair in pairs if pair[1] in held}
    assert data.question.users.tolist() == sorted({user for user, _ in asked})
    assert data.question.hidden is not None
    assert set(zip(*data.question.hidden.nonzero(), strict=True)) == {
        (user, item) for item, user in zip(*data.shown, strict=True)
    }
    assert popularity(data).sum() == len(shown)


def test_without_shown_events_items_come_cold() -> None:
    cold = hold_out(events(), 0.25, 0.0, np.random.default_rng(2))
    assert len(cold.shown[0]) == 0
    assert not popularity(cold).any()


def test_attributes_that_tell_all_find_all(data: UnseenItems) -> None:
    whole = events()
    # An item's features are who had it: the held ones stand out for exactly these users.
    features = np.asarray(whole.csr(binary=True).T.todense(), dtype=np.float32)
    users, items = by_attributes(data, features)
    np.testing.assert_allclose(np.linalg.norm(items, axis=1), 1, atol=1e-6)
    oracle = features[data.held].T
    best = ranking.evaluate(data.question, lambda rows: oracle[rows].copy(), (5,))
    assert best.means["recall@5"] == 1
    scored = ranking.evaluate(data.question, lambda rows: users[rows] @ items.T, (2,))
    worst = ranking.evaluate(data.question, lambda rows: -(users[rows] @ items.T), (2,))
    assert scored.means["recall@2"] > worst.means["recall@2"]


def test_something_must_be_left(data: UnseenItems) -> None:
    for share in (0.0, 1.0):
        with pytest.raises(DataError, match="holding items out"):
            hold_out(events(), share, 0.5, np.random.default_rng(0))
