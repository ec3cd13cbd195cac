"""Vectors as columns: centred, on their leading axes; checked against a decomposition by LAPACK."""

import numpy as np
import pytest

from engine.data.encoding.dense_vectors import MOST_DIMENSIONS, DenseVectors


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_narrow_ones_are_centred_and_scaled(rng: np.random.Generator) -> None:
    rows = (rng.normal(size=(50, 4)) + 3).astype(np.float32)
    rows[7] = 0
    found = DenseVectors.fitted(rows)
    assert found is not None
    there = np.arange(50) != 7
    centred = _unit(rows[there]) - _unit(rows[there]).mean(axis=0)
    made = found.encode(rows)
    scale = np.sqrt((centred**2).sum(axis=1).mean())
    np.testing.assert_allclose(made[there], centred / scale, atol=1e-4)
    assert (made[there] ** 2).sum(axis=1).mean() == pytest.approx(1, abs=1e-3)
    assert not made[7].any(), "one that is missing stays at nought"


def test_wide_ones_keep_their_leading_axes(rng: np.random.Generator) -> None:
    width = MOST_DIMENSIONS + 44
    spread = np.linspace(3, 0.1, width)
    rows = (rng.normal(size=(2_500, width)) * spread + 1).astype(np.float32)
    found = DenseVectors.fitted(rows)
    assert found is not None
    centred = _unit(rows.astype(np.float64))
    centred -= centred.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    expected = (left * values)[:, :MOST_DIMENSIONS]
    expected /= np.sqrt((expected**2).sum(axis=1).mean())
    made = found.encode(rows)
    assert made.shape == (2_500, MOST_DIMENSIONS)
    # Likeness is what must stay; axes of like values may be turned.
    np.testing.assert_allclose(made[:40] @ made[:40].T, expected[:40] @ expected[:40].T, atol=2e-3)


def test_a_later_row_is_encoded_alike(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(400, 300)).astype(np.float32)
    found = DenseVectors.fitted(rows)
    assert found is not None
    later = rng.normal(size=(3, 300)).astype(np.float32)
    restored = DenseVectors.restored(found.state())
    np.testing.assert_array_equal(restored.encode(later), found.encode(later))
    np.testing.assert_allclose(found.encode(later[1:2]), found.encode(later)[1:2], atol=1e-6)
    np.testing.assert_allclose(found.encode(3 * later), found.encode(later), atol=1e-5)


def test_nothing_and_what_does_not_fit() -> None:
    assert DenseVectors.fitted(np.zeros((3, 5), dtype=np.float32)) is None
    found = DenseVectors.fitted(np.eye(5, dtype=np.float32))
    assert found is not None
    assert found.width == 5
    with pytest.raises(ValueError, match=r"\(2, 4\), not \(n, 5\)"):
        found.encode(np.zeros((2, 4), dtype=np.float32))


def test_numbers_near_the_end_of_four_bytes() -> None:
    rows = np.array([[3e38, 3e38], [1e-38, -1e-38]], dtype=np.float32)
    found = DenseVectors.fitted(rows)
    assert found is not None
    assert np.isfinite(found.encode(rows)).all()
