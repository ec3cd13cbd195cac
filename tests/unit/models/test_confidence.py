"""What weights mean to each model, against dense formulas and the library implicit."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from engine.data.arrays import Float64Array
from engine.data.interactions import Interactions
from engine.errors import DataError
from engine.models.als import Als, AlsConfig
from engine.models.confidence import ConfidenceConfig, confidences, learned_from
from engine.models.ease import Ease, EaseConfig
from engine.models.item_knn import ItemKnn
from engine.models.propagation import normalised
from engine.models.spectral_filter import SpectralFilter, SpectralFilterConfig

ALL = np.arange(9)
KINDS = ("binary", "linear", "log", "threshold")


@pytest.fixture(scope="module")
def rated(small_graph: Interactions) -> Interactions:
    """Stars from 1 to 5, some pairs rated twice."""
    stars = np.random.default_rng(8).integers(1, 6, len(small_graph))
    return replace(small_graph, weight=stars.astype(np.float32))


def dense(events: Interactions, kind: str) -> Float64Array:
    """Confidences counted one event at a time."""
    sums = np.zeros((events.n_users, events.n_items))
    had = np.zeros_like(sums)
    for user, item, weight in zip(events.user, events.item, events.weight, strict=True):
        sums[user, item] += weight
        had[user, item] = max(had[user, item], float(kind != "threshold" or weight >= 3))
    return {"linear": sums, "log": np.log(1 + sums)}.get(kind, had)


@pytest.mark.parametrize("kind", KINDS)
def test_confidences_are_what_counting_gives(rated: Interactions, kind: str) -> None:
    found = confidences(rated, ConfidenceConfig(confidence=kind))
    np.testing.assert_allclose(found.toarray(), dense(rated, kind), rtol=1e-6)


def test_low_ratings_are_not_liked_and_the_threshold_can_be_set(rated: Interactions) -> None:
    kept = learned_from(rated, ConfidenceConfig("threshold"))
    assert kept.weight.min() == 3
    assert len(kept) == (rated.weight >= 3).sum()
    assert learned_from(rated, ConfidenceConfig("threshold", 4.5)).weight.tolist() == [5.0] * int(
        (rated.weight == 5).sum()
    )
    assert learned_from(rated, ConfidenceConfig("log")) is rated
    with pytest.raises(DataError, match="no event weighs 6 or more"):
        learned_from(rated, ConfidenceConfig("threshold", 6))


def test_a_weight_of_nothing_is_no_event(rated: Interactions) -> None:
    weight = rated.weight.copy()
    pair = (rated.user == rated.user[0]) & (rated.item == rated.item[0])
    weight[pair] = [-1.0, *[0.0] * (int(pair.sum()) - 1)]
    weighed = replace(rated, weight=weight)
    for kind in ("linear", "log"):
        matrix = confidences(weighed, ConfidenceConfig(confidence=kind))
        assert matrix.nnz == confidences(rated).nnz - 1


@pytest.mark.parametrize("kind", KINDS)
def test_als_is_that_of_implicit_with_the_same_confidences(rated: Interactions, kind: str) -> None:
    from implicit.cpu.als import AlternatingLeastSquares

    config = AlsConfig(dimension=3, l2=0.5, alpha=4.0, iterations=3, confidence=kind)
    ours = Als(rated, config, np.random.default_rng(0)).embeddings()
    cells = sparse.csr_matrix(dense(rated, kind).astype(np.float32))
    cells.data = 1.0 + 4.0 * cells.data
    number = int(np.random.default_rng(0).integers(2**31))
    theirs = AlternatingLeastSquares(
        factors=3, regularization=0.5, iterations=3, random_state=number, num_threads=1
    )
    theirs.fit(cells, show_progress=False)
    there = np.asarray((cells != 0).sum(axis=0)).ravel() > 0
    np.testing.assert_allclose(ours.items[there], theirs.item_factors[there], atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_item_knn_is_the_cosine_of_columns_of_confidences(rated: Interactions, kind: str) -> None:
    x = dense(rated, kind)
    length = np.linalg.norm(x, axis=0)
    cosine = x.T @ x / np.maximum(np.outer(length, length), 1e-12)
    np.fill_diagonal(cosine, 0)
    found = ItemKnn(rated, None, ConfidenceConfig(confidence=kind)).score(ALL)
    np.testing.assert_allclose(found, x @ cosine, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_ease_solves_the_matrix_of_confidences(rated: Interactions, kind: str) -> None:
    x = dense(rated, kind)
    inverse = np.linalg.inv(x.T @ x + 5.0 * np.eye(7))
    b = -inverse / np.diag(inverse)
    np.fill_diagonal(b, 0)
    found = Ease(rated, EaseConfig(l2=5.0, confidence=kind)).score(ALL)
    np.testing.assert_allclose(found, x @ b, atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_propagation_and_the_filter_weigh_by_confidence(rated: Interactions, kind: str) -> None:
    x = dense(rated, kind)
    users, items = (np.maximum(x.sum(axis=axis), 1e-12) for axis in (1, 0))
    r = x / np.sqrt(np.outer(users, items))
    config = SpectralFilterConfig(factors=2, low_pass=0.7, confidence=kind)
    np.testing.assert_allclose(normalised(rated, config).toarray(), r, atol=1e-6)
    v = np.linalg.svd(r)[2][:2].T
    root = np.sqrt(x.sum(axis=0))
    low = (v / np.where(root > 0, root, 1.0)[:, None]) @ (v * root[:, None]).T
    found = SpectralFilter(rated, config, np.random.default_rng(0)).score(ALL)
    np.testing.assert_allclose(found, x @ (r.T @ r + 0.7 * low), atol=1e-3)
