"""The score as it is served: what was done since the training counts, and popularity stands in."""

import numpy as np
import pytest
from scipy import sparse

from engine.data import signals
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.evaluation.blend import Blend
from engine.evaluation.served_score import served_by_edges, served_score
from engine.models import item_filter
from engine.models.encoder import Embeddings
from engine.models.item_filter import FilterConfig

DAY = 86_400_000
USERS = np.array([[1, 0], [0, 0], [0, 0]], dtype=np.float32)
ITEMS = np.array([[1, 0], [0, 1]], dtype=np.float32)


def _known() -> Interactions:
    """User 0 takes i before the training and j after it; user 1 takes j; user 2 nothing."""
    return Interactions.of(
        Vocabulary(["a", "b", "c"]),
        Vocabulary(["i", "j"]),
        np.array([0, 0, 1]),
        np.array([0, 1, 1]),
        at=np.array([1, 3, 3]) * DAY,
        events=("buy",),
    )


def test_what_was_done_since_counts_with_its_weight() -> None:
    rows = np.array([0])
    for weight in (0.0, 0.5):
        found = served_score(
            (USERS, ITEMS), _known(), Blend(drift_weight=weight), 2 * DAY, cosine=True
        )(rows)[0]
        assert found == pytest.approx(np.array([1, weight]) / np.hypot(1, weight))
    later = served_score((USERS, ITEMS), _known(), Blend(), 3 * DAY, cosine=True)(rows)[0]
    assert later == pytest.approx([1, 0])


def test_who_is_new_is_placed_and_who_did_nothing_gets_what_is_popular() -> None:
    found = served_score((USERS, ITEMS), _known(), Blend(), 2 * DAY, cosine=True)
    scores = found(np.array([1, 2]))
    assert scores[0] == pytest.approx([0, 1 / 6])
    assert scores[1] == pytest.approx([(1 / 2) ** (1 / 3), 1])


def test_popularity_is_added_to_what_somebody_without_a_vector_comes_back_to() -> None:
    """User 1 was never trained on and is compared by nothing: own repeats and popularity count."""
    nowhere = np.zeros_like(ITEMS)
    weights = Blend(again_weight=1.0)
    known = _known()
    found = served_score((USERS, nowhere), known, weights, 2 * DAY, cosine=True)(np.array([1]))
    repeats = signals.repeats(known, weights.half_life_days)[[1]].toarray()
    assert repeats.any()
    assert found == pytest.approx(repeats + signals.popularity(known)[None, :])


def test_where_popularity_has_a_weight_it_is_not_counted_twice() -> None:
    weights = Blend(popularity_weight=0.5)
    found = served_score((USERS, ITEMS), _known(), weights, 3 * DAY, cosine=True)(np.array([2]))
    assert found[0] == pytest.approx(0.5 * signals.popularity(_known()))


def test_by_edges_the_own_items_of_today_count_and_who_has_none_gets_what_is_popular() -> None:
    known = _known()
    edges = sparse.csr_array(np.array([[0, 3], [1, 0]], dtype=np.float32))
    nothing = np.zeros((3, 0), dtype=np.float32)
    own = item_filter.profiles(known, FilterConfig())
    found = served_by_edges(
        Embeddings(nothing, nothing, edges=edges, profiles=own), known, Blend()
    )(np.arange(3))
    np.testing.assert_allclose(found[:2], [[0.5, 1.5], [1.0, 0.0]])
    np.testing.assert_allclose(found[2], signals.popularity(known))
    weights = Blend(popularity_weight=0.5, popular_half_life_days=1.0)
    beside = served_by_edges(
        Embeddings(nothing, nothing, edges=edges, profiles=own), known, weights
    )(np.arange(3))
    recent = 0.5 * signals.recent_popularity(known, 1.0)
    np.testing.assert_allclose(beside[0], np.array([0.5, 1.5]) + recent, rtol=1e-6)
    np.testing.assert_allclose(beside[2], recent)
