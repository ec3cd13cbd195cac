import numpy as np
from scipy import sparse

from engine.models import spectral


def test_svd_equals_the_exact_one() -> None:
    generator = np.random.default_rng(0)
    dense = (generator.random((60, 5)) @ generator.random((5, 40))).astype(np.float32)
    users, values, items = spectral.randomised_svd(sparse.csr_array(dense), 5, generator)
    np.testing.assert_allclose(values, np.linalg.svd(dense)[1][:5], rtol=1e-3)
    np.testing.assert_allclose(users * values @ items.T, dense, atol=1e-3)


def test_svd_of_few_rows_has_all_of_them() -> None:
    generator = np.random.default_rng(0)
    dense = generator.standard_normal((7, 90)).astype(np.float32)
    for matrix in (dense, dense.T):
        users, values, items = spectral.randomised_svd(sparse.csr_array(matrix), 512, generator)
        np.testing.assert_allclose(values, np.linalg.svd(matrix)[1], rtol=1e-5)
        np.testing.assert_allclose(users * values @ items.T, matrix, atol=1e-5)


def test_vectors_of_no_singular_value_are_left_out() -> None:
    # Any vectors of the null space would do, other ones for every seed.
    draw = np.random.default_rng(0)
    dense = (draw.random((60, 5)) @ draw.random((5, 40))).astype(np.float32)
    dense[:, 30:] = 0.0
    users, values, items = spectral.randomised_svd(sparse.csr_array(dense), 20, draw)
    assert (users.shape, values.shape, items.shape) == ((60, 5), (5,), (40, 5))
    nothing = spectral.randomised_svd(sparse.csr_array(0 * dense), 20, draw)
    assert [len(one) for one in nothing] == [60, 1, 40]


def test_start_fills_what_the_rank_leaves() -> None:
    matrix = sparse.csr_array(np.ones((4, 3), dtype=np.float32))
    users, items = spectral.start(matrix, 16, np.random.default_rng(0))
    assert users.shape == (4, 16)
    assert items.shape == (3, 16)
    assert np.isfinite(users).all()
