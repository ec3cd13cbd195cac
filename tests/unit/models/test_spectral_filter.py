import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.models.spectral_filter import SpectralFilter, SpectralFilterConfig

ALL = np.arange(9)


@pytest.mark.parametrize("factors", [2, 7])
def test_scores_equal_the_formula(small_graph: Interactions, factors: int) -> None:
    seen = small_graph.csr(binary=True).toarray().astype(np.float64)
    user, item = seen.sum(axis=1), seen.sum(axis=0)
    pairs = seen / np.sqrt(np.maximum(user, 1)[:, None] * np.maximum(item, 1)[None, :])
    right = np.linalg.svd(pairs)[2][:factors].T
    before, after = np.diag(1 / np.sqrt(np.maximum(item, 1))), np.diag(np.sqrt(item))
    expected = seen @ (pairs.T @ pairs + 0.5 * before @ right @ right.T @ after)
    config = SpectralFilterConfig(factors=factors, low_pass=0.5)
    model = SpectralFilter(small_graph, config, np.random.default_rng(0))
    np.testing.assert_allclose(model.score(ALL), expected, atol=1e-4)


def test_vectors_for_an_index_score_alike_and_exactly_with_all_factors(
    small_graph: Interactions,
) -> None:
    for factors, tolerance in ((7, 1e-4), (4, 0.2)):
        config = SpectralFilterConfig(factors=factors)
        model = SpectralFilter(small_graph, config, np.random.default_rng(0))
        found = model.embeddings().score(ALL)
        np.testing.assert_allclose(found, model.score(ALL), atol=tolerance)
