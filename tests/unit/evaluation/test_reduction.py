"""Reduced vectors: what an inner product may lose, what stays as it is, how the width is chosen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.evaluation import ranking, reduction
from engine.evaluation.ranking import RankingTask
from engine.evaluation.reduction import Reduction
from engine.models.encoder import Embeddings


def _vectors(seed: int, sizes: tuple[int, int], width: int, rank: int, noise: float) -> Embeddings:
    """Users and items that lie near ``rank`` common axes."""
    rng = np.random.default_rng(seed)
    axes = rng.normal(size=(rank, width))
    made = [rng.normal(size=(n, rank)) @ axes + noise * rng.normal(size=(n, width)) for n in sizes]
    return Embeddings(made[0].astype(np.float32), made[1].astype(np.float32))


def _question(vectors: Embeddings, later: int = 2) -> RankingTask:
    """Users who had their best items, and will have the next best."""
    best = np.argsort(-(vectors.users @ vectors.items.T), axis=1, kind="stable")
    sides = []
    for columns in (best[:, :3], best[:, 3 : 3 + later]):
        user = np.repeat(np.arange(len(best)), columns.shape[1])
        ids = [Vocabulary([f"{n}" for n in range(size)]) for size in best.shape]
        sides.append(Interactions.of(*ids, user, columns.reshape(-1)))
    return ranking.task(sides[0], sides[1], include_seen=False)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(3, 40),
    st.integers(3, 40),
    st.integers(4, 24),
    st.integers(1, 12),
    st.floats(0.0, 1.0),
)
def test_an_inner_product_loses_no_more_than_the_axes_that_are_left_out(
    seed: int, n_users: int, n_items: int, width: int, rank: int, noise: float
) -> None:
    """On average half of the eigenvalues that are left out, from a decomposition made here."""
    whole = _vectors(seed, (n_users, n_items), width, rank, noise)
    kept = max(1, width // 3)
    reduced = reduction.reduce(whole, kept, cosine=False)
    assert reduced.users.shape == (n_users, kept)
    lost = np.abs(whole.users @ whole.items.T - reduced.users @ reduced.items.T)
    users, items = (one.astype(np.float64) for one in (whole.users, whole.items))
    moments = [one.T @ one / len(one) for one in (users, items)]
    balance = np.sqrt(np.trace(moments[1]) / np.trace(moments[0]))
    values = np.linalg.svd(balance * moments[0] + moments[1] / balance, compute_uv=False)
    assert lost.mean() <= 0.5 * values[kept:].sum() + 1e-4 * values.sum()
    # Each pair by itself: the parts that were cut off meet only each other.
    rest = [
        np.sqrt(np.maximum((a**2).sum(axis=1) - (b.astype(np.float64) ** 2).sum(axis=1), 0.0))
        for a, b in ((users, reduced.users), (items, reduced.items))
    ]
    assert (lost <= np.outer(*rest) + 1e-3 * values.sum()).all()


def test_vectors_that_lie_on_few_axes_lose_nothing_and_means_of_items_stay_comparable() -> None:
    whole = _vectors(3, (30, 200), 300, 40, 0.0)
    reduced = reduction.reduce(whole, 64, cosine=False)
    assert reduced.users @ reduced.items.T == pytest.approx(
        whole.users @ whole.items.T, abs=1e-2, rel=1e-4
    )
    profile = whole.items[:5].mean(axis=0) @ whole.items.T
    assert reduced.items[:5].mean(axis=0) @ reduced.items.T == pytest.approx(
        profile, abs=1e-2, rel=1e-4
    )


def test_reduced_vectors_of_cosines_have_unit_length_and_rows_of_zeros_stay() -> None:
    whole = _vectors(4, (20, 50), 100, 10, 0.2)
    whole.users[3], whole.items[7] = 0.0, 0.0
    entities = np.ones((4, 100), dtype=np.float32)
    reduced = reduction.reduce(Embeddings(whole.users, whole.items, entities), 16, cosine=True)
    lengths = np.linalg.norm(reduced.users, axis=1)
    assert lengths[3] == 0.0
    assert np.delete(lengths, 3) == pytest.approx(1.0, abs=1e-5)
    assert not reduced.items[7].any()
    assert reduced.entities is not None
    assert reduced.entities.shape == (4, 16)
    assert reduced.items.dtype == reduced.users.dtype == np.float32


@pytest.mark.parametrize("width", [0, 100, 200])
def test_vectors_that_are_no_wider_stay_the_same(width: int) -> None:
    whole = _vectors(5, (4, 5), 100, 10, 0.2)
    assert reduction.reduce(whole, width, cosine=True) is whole


def test_the_fewest_numbers_that_keep_the_ranking_are_chosen() -> None:
    narrow, broad = (_vectors(6, (60, 300), 400, rank, 0.001) for rank in (50, 200))
    for vectors, width in ((narrow, 64), (broad, 256)):
        found = reduction.choose(vectors, _question(vectors), 256, cosine=False)
        assert (found.before, found.after, found.measure) == (400, width, "ndcg@20")
        assert found.kept >= 0.98
        assert f"published as {width}" in found.message()
        assert found.metrics()["reduced.after"] == width
    whole = ranking.evaluate(_question(narrow), narrow.score, (20,)).means["ndcg@20"]
    reduced = reduction.reduce(narrow, 64, cosine=False)
    reached = ranking.evaluate(_question(narrow), reduced.score, (20,)).means["ndcg@20"]
    assert reached >= 0.98 * whole


def test_vectors_whose_ranking_needs_every_number_stay_and_it_is_said() -> None:
    rng = np.random.default_rng(7)
    items = np.eye(300, dtype=np.float32)
    users = rng.random((400, 300)).astype(np.float32)
    found = reduction.choose(
        Embeddings(users, items), _question(Embeddings(users, items)), 256, cosine=False
    )
    assert (found.before, found.after) == (300, 0)
    assert found.kept < 0.98
    assert "stay as they are" in found.message()
    assert found.metrics()["reduced.after"] == 300


def test_without_anything_to_find_the_lists_themselves_are_compared() -> None:
    vectors = _vectors(8, (60, 300), 400, 50, 0.0)
    found = reduction.choose(vectors, _question(vectors, later=0), 256, cosine=False)
    assert (found.after, found.measure) == (64, "overlap@20")
    reduced = reduction.reduce(vectors, 64, cosine=False)
    expected = [
        len(set(np.argsort(-a)[:20]) & set(np.argsort(-b)[:20])) / 20
        for a, b in zip(
            vectors.users @ vectors.items.T, reduced.users @ reduced.items.T, strict=True
        )
    ]
    assert found.kept == pytest.approx(np.mean(expected), abs=1e-6)


@pytest.mark.parametrize(("width", "most"), [(64, 256), (256, 256), (400, 0), (400, 400)])
def test_nothing_is_tried_below_the_bound_and_where_it_is_turned_off(width: int, most: int) -> None:
    vectors = _vectors(9, (10, 40), width, 5, 0.0)
    assert reduction.choose(vectors, _question(vectors), most, cosine=False) == Reduction()
    assert Reduction().message() == ""
    assert Reduction().metrics() == {}
