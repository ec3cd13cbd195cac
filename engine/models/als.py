"""ALS for implicit feedback (Hu, Koren and Volinsky 2008), from the library ``implicit``.

Minimises Σ c_ui (p_ui - x_u·y_i)² + λ(Σ||x_u||² + Σ||y_i||²) over all cells, p_ui = 1 where there
is an event and c_ui = 1 + alpha · c there, c by ``engine.models.confidence``: by default the sum of
the weights.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.errors import ModelError
from engine.models.confidence import CONFIDENCES, ConfidenceConfig, confidences
from engine.models.encoder import Embeddings
from engine.optional_dependencies import require


@dataclass(frozen=True)
class AlsConfig(ConfidenceConfig):
    """Settings of ALS."""

    confidence: str = option(
        "linear",
        "what the weights of a pair's events say: binary nothing, linear their sum, log "
        "ln(1 + sum), threshold nothing, but events that weigh less are left out",
        choices=CONFIDENCES,
    )
    dimension: int = option(64, "length of a vector", low=2, high=1024, tune=(32, 64, 128, 256))
    l2: float = option(0.01, "λ", low=0, high=1e4, tune=Span(1e-3, 100.0, log=True))
    alpha: float = option(
        10.0,
        "weight of a confidence of 1 beside a missing event's 1",
        low=0,
        high=1e4,
        tune=Span(0.1, 100.0, log=True),
    )
    iterations: int = option(15, "rounds of solving for users and for items", low=1, high=1_000)


class Als:
    """Vectors whose inner products are near 1 where there was an event.

    Args:
        train: Events to learn from; a pair's events add up.
        config: Settings.
        generator: Draws the seed of the first vectors.

    Raises:
        MissingExtra: The extra ``als`` is not installed.
        ModelError: The weights are too large for numbers of 32 bits.
    """

    def __init__(
        self, train: Interactions, config: AlsConfig, generator: np.random.Generator
    ) -> None:
        require("als", "the model als")
        # Of the extra: imported where it is needed.
        from implicit.cpu.als import AlternatingLeastSquares  # noqa: PLC0415
        from implicit.recommender_base import ModelFitError  # noqa: PLC0415

        counts = sparse.csr_matrix(confidences(train, config))
        counts.data[:] = 1.0 + config.alpha * counts.data
        with threadpool_limits(1, "blas"):  # the library has threads of its own
            model = AlternatingLeastSquares(
                factors=config.dimension,
                regularization=config.l2,
                iterations=config.iterations,
                random_state=int(generator.integers(2**31)),
            )
            try:
                model.fit(counts, show_progress=False)
            except ModelFitError as error:
                raise ModelError(
                    f"als found no finite vectors: a pair of user and item counts up to "
                    f"{counts.data.max(initial=0.0):.3g}",
                    hint="--set confidence=log or binary, a smaller --set alpha, or a larger "
                    "--set l2",
                ) from error
        known_users = np.diff(counts.indptr)[:, None] > 0
        known_items = np.bincount(counts.indices, minlength=train.n_items)[:, None] > 0
        self._vectors = Embeddings(
            model.user_factors * known_users, model.item_factors * known_items
        )

    def score(self, rows: Int64Array) -> Float32Array:
        """Return ``(len(rows), n_items) float32``."""
        return self._vectors.score(rows)

    def embeddings(self) -> Embeddings:
        """Return the vectors; zeros without events. A score is an inner product."""
        return self._vectors
