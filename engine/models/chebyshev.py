"""Chebyshev filter (ChebyCF, Kim et al., SIGIR 2025): a series of polynomials of the item graph.

score(u) = r_u D^(-β) [h(L) + a V Vᵀ] D^β, with r_u the user's row, D the items' degrees, R̃ the
pairs over sqrt(|N_u| |N_i|), L = I - R̃ᵀR̃ scaled to [-1, 1], h the Chebyshev series of order K
through the plateau 1/2 - sign(x) |x|^φ / 2, and V the leading right singular vectors of R̃. Nothing
is trained.

A polynomial of R̃ᵀR̃ is h(1) I + R̃ᵀ q(R̃R̃ᵀ) R̃: where users are few, q of their small matrix is made
once, and the items' graph is passed twice in place of 2K times.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from scipy import sparse

from engine.data.arrays import Float32Array, Float64Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.models import item_filter, spectral
from engine.models.item_filter import FilterConfig
from engine.models.normalised_adjacency import normalised

_FEW_USERS, _FEW_TO_ITEMS = 2_500, 0.25
"""q of more is dearer than the passes that it spares: ten seconds of two processors for so many."""


@dataclass(frozen=True)
class ChebyshevConfig(FilterConfig):
    """Settings of the Chebyshev filter."""

    order: int = option(8, "order K of the series", low=1, high=64, tune=(4, 8, 12))
    flatness: float = option(
        1.5, "exponent φ of the plateau", low=0.1, high=20, tune=Span(0.5, 4.0)
    )
    factors: int = option(
        512, "singular vectors that are let pass", low=1, high=2048, tune=(128, 256, 512)
    )
    low_pass: float = option(
        0.2, "weight a of what they let pass", low=0, high=100, tune=Span(0.0, 1.0)
    )
    degree_power: float = option(
        0.4, "exponent β of the items' degrees", low=0, high=1, tune=Span(0.0, 0.6)
    )


class ChebyshevFilter:
    """Score by what passes a polynomial filter over the graph of items.

    Args:
        train: Events to learn from; a pair counts by its confidence, 1 unless it is set.
        config: Settings.
        generator: Draws the start of the randomised decomposition.
    """

    def __init__(
        self, train: Interactions, config: ChebyshevConfig, generator: np.random.Generator
    ) -> None:
        self._own = item_filter.own_items(train, config)
        self._pairs = normalised(train, config)
        self._columns = sparse.csr_array(self._pairs.T.tocsr())
        self._series = series(config.order, config.flatness).astype(np.float32)
        n_users, n_items = self._pairs.shape
        few = n_users <= min(_FEW_USERS, _FEW_TO_ITEMS * n_items)
        self._by_users = _of_users(self._pairs, self._series) if few else None
        right = spectral.randomised_svd(self._pairs, config.factors, generator)[2]
        self._pass = right * np.float32(np.sqrt(config.low_pass))
        degree = train.csr(binary=True).sum(axis=0, dtype=np.float64)
        power = np.maximum(np.asarray(degree).ravel(), 1.0) ** config.degree_power
        self._power = power.astype(np.float32)

    def score(self, rows: Int64Array) -> Float32Array:
        """Return ``(len(rows), n_items) float32``."""
        signals = np.ascontiguousarray((self._own[rows].toarray() / self._power).T)
        scores: Float32Array = self._filtered(signals, self._pass.T @ signals).T * self._power
        return scores

    def item_edges(self, most: int) -> sparse.csr_array:
        """Return the strongest ``most`` cells of each row, ``(n_items, n_items) float32``."""
        return item_filter.by_blocks(self._pairs.shape[1], self._rows, most)

    def _rows(self, rows: slice) -> Float32Array:
        signals = np.zeros((self._pairs.shape[1], rows.stop - rows.start), dtype=np.float32)
        own = np.arange(signals.shape[1])
        signals[rows.start + own, own] = 1 / self._power[rows]
        # Each signal is one item: its product with V is a row of V, and half of the work is spared.
        along = self._pass[rows].T / self._power[rows]
        cells: Float32Array = self._filtered(signals, along).T * self._power
        return cells

    def _filtered(self, signals: Float32Array, along: Float32Array) -> Float32Array:
        """Return [h(L) + a V Vᵀ] times signals ``(n_items, b)``, given √a Vᵀ times them."""
        passed: Float32Array = self._polynomial(signals)
        passed += self._pass @ along
        return passed

    def _polynomial(self, signals: Float32Array) -> Float32Array:
        """Return h(L) times signals."""
        if self._by_users is not None:
            passed = self._columns @ (self._by_users @ (self._pairs @ signals))
            passed += self._series.sum() * signals  # h where nothing is passed: T_k(1) = 1
            return np.asarray(passed, dtype=np.float32)
        before, now = signals, self._laplacian(signals)
        total = self._series[0] * before + self._series[1] * now
        for coefficient in self._series[2:]:
            before, now = now, 2 * self._laplacian(now) - before
            total += coefficient * now
        return np.asarray(total, dtype=np.float32)

    def _laplacian(self, signals: Float32Array) -> Float32Array:
        """Return the Laplacian, scaled to [-1, 1], times signals: they minus 2 R̃ᵀR̃ of them."""
        passed: Float32Array = self._columns @ (self._pairs @ signals)
        passed *= -2
        passed += signals
        return passed


def _of_users(pairs: sparse.csr_array, coefficients: Float32Array) -> Float32Array:
    """Return q of R̃R̃ᵀ, ``(n_users, n_users)``, for which h(1 - 2x) = h(1) + x q(x).

    T_k(1 - 2x) is 1 + x S_k(x), so that S_0 = 0, S_1 = -2, and the recurrence of T_k makes
    S_(k+1) = 2 (1 - 2x) S_k - S_(k-1) - 4.
    """
    of_users = (pairs @ pairs.T).toarray().astype(np.float64)
    one = np.eye(len(of_users))
    before, now = np.zeros_like(one), -2.0 * one
    total = coefficients[1] * now
    for coefficient in coefficients[2:]:
        before, now = now, 2.0 * (now - 2.0 * (of_users @ now)) - before - 4.0 * one
        total += coefficient * now
    return np.asarray(total, dtype=np.float32)


def series(order: int, flatness: float) -> Float64Array:
    """Return the coefficients of the Chebyshev series through the plateau, ``(order + 1,)``.

    Args:
        order: K, 1 or more.
        flatness: φ of 1/2 - sign(x) |x|^φ / 2.
    """

    def plateau(x: Any) -> Any:
        return 0.5 - 0.5 * np.sign(x) * np.abs(x) ** flatness

    coefficients: Float64Array = chebyshev.chebinterpolate(plateau, order)
    return coefficients
