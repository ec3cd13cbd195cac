"""Reduction: vectors of many numbers, projected on as few axes as keep what they rank.

The axes are the leading eigenvectors of S = c · mean(z_u z_uᵀ) + mean(z_i z_iᵀ) / c, c making both
parts equally large. With the projection P an inner product loses z_u·z_i - Pz_u·Pz_i, of which the
mean over all pairs is at most half of the eigenvalues that are left out. A truncated SVD of the
scores themselves would lose less, but takes other axes for users than for items (Eckart and Young
1936): then no mean of items could stand for a user, as it does for what was done since training.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from engine.data.arrays import Float32Array, Float64Array
from engine.evaluation import ranking
from engine.evaluation.ranking import RankingTask
from engine.models.encoder import Embeddings

WIDTHS = (64, 128, 256, 512)
"""Numbers of a vector that are tried, the fewest first."""
ENOUGH = 0.98
TOP = 20
_BY_QUALITY, _BY_OVERLAP = "ndcg@20", "overlap@20"
_MOST_USERS = 500


@dataclass(frozen=True)
class Reduction:
    """To what vectors are reduced, and what of their ranking is kept.

    Attributes:
        before: Numbers of a vector as it is trained; 0: nothing was tried.
        after: As it is published; 0: as it is trained.
        kept: What the reduced vectors reach, as a share of what the whole ones do.
        measure: ``ndcg@20`` on validation questions, or ``overlap@20`` with the whole vectors' own
            lists where there is nothing to find.
    """

    before: int = 0
    after: int = 0
    kept: float = 1.0
    measure: str = _BY_QUALITY

    def metrics(self) -> dict[str, float]:
        """Return the figures of a run; none where nothing was tried."""
        if not self.before:
            return {}
        return {
            "reduced.before": float(self.before),
            "reduced.after": float(self.after or self.before),
            f"reduced.kept.{self.measure}": self.kept,
        }

    def message(self) -> str:
        """Say in a sentence what becomes of the vectors; empty where nothing was tried."""
        if not self.before:
            return ""
        if not self.after:
            return (
                f"vectors of {self.before} numbers stay as they are: reduced ones keep less than "
                f"{ENOUGH:.0%} of {self.measure}"
            )
        return (
            f"vectors of {self.before} numbers are published as {self.after}: "
            f"{self.kept:.1%} of {self.measure} is kept"
        )


def is_wide(vectors: Embeddings, most_dimensions: int) -> bool:
    """Tell whether vectors have more numbers than are published as they are; 0: never."""
    return bool(most_dimensions) and vectors.items.shape[1] > most_dimensions


def choose(
    vectors: Embeddings, question: RankingTask, most_dimensions: int, *, cosine: bool
) -> Reduction:
    """Return the fewest numbers with which vectors keep 98 % of what they rank.

    Args:
        vectors: As they were trained.
        question: What has to be found.
        most_dimensions: Vectors of no more numbers stay as they are; 0: all do.
        cosine: Whether vectors are compared by cosine, and have unit length.
    """
    if not is_wide(vectors, most_dimensions):
        return Reduction()
    before = vectors.items.shape[1]
    asked = bool(len(question.users))
    measure = _BY_QUALITY if asked else _BY_OVERLAP
    axes = _axes(vectors)
    best = 0.0
    for width in (one for one in WIDTHS if one < before):
        reduced = _projected(vectors, axes[:, :width], cosine=cosine)
        kept = _quality(vectors, reduced, question) if asked else overlap(vectors, reduced)
        best = max(best, kept)
        if kept >= ENOUGH:
            return Reduction(before, width, kept, measure)
    return Reduction(before, 0, best, measure)


def reduce(vectors: Embeddings, width: int, *, cosine: bool) -> Embeddings:
    """Return vectors on their own leading axes; the same where they are no wider, or width is 0.

    Args:
        vectors: Of users, items and entities; rows of zeros stay zero.
        width: Numbers of a vector.
        cosine: Whether they are brought to unit length.
    """
    if not width or vectors.edges is not None or vectors.items.shape[1] <= width:
        return vectors
    return _projected(vectors, _axes(vectors)[:, :width], cosine=cosine)


def overlap(whole: Embeddings, reduced: Embeddings) -> float:
    """Return the share of the whole vectors' own top 20 that the reduced ones list too.

    Some hundreds of users are asked; items without a vector are no part of it.
    """
    known = np.flatnonzero((whole.users != 0).any(axis=1))
    users = known[:: max(1, len(known) // _MOST_USERS)]
    absent = ~(whole.items != 0).any(axis=1)
    k = min(TOP, int((~absent).sum()))
    if not len(users) or not k:
        return 1.0
    lists = []
    for one in (whole, reduced):
        scores = one.score(users)
        scores[:, absent] = -np.inf
        lists.append(np.argpartition(-scores, k - 1, axis=1)[:, :k])
    shares = [len(np.intersect1d(a, b)) / k for a, b in zip(*lists, strict=True)]
    return float(np.mean(shares))


def _quality(whole: Embeddings, reduced: Embeddings, question: RankingTask) -> float:
    reached, possible = (
        ranking.evaluate(question, one.score, (TOP,)).means[_BY_QUALITY] for one in (reduced, whole)
    )
    return reached / possible if possible else 0.0


def _axes(vectors: Embeddings) -> Float32Array:
    """Return ``(d, d) float32``, orthonormal columns, the leading one first, each with a sign."""
    users, items = (_second_moment(one) for one in (vectors.users, vectors.items))
    balance = np.sqrt(max(np.trace(items), 1e-30) / max(np.trace(users), 1e-30))
    _, axes = eigh(balance * users + items / balance)
    axes = axes[:, ::-1]
    largest = np.abs(axes).argmax(axis=0)
    signs = np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    found: Float32Array = np.ascontiguousarray(axes * signs, dtype=np.float32)
    return found


def _second_moment(rows: Float32Array) -> Float64Array:
    products = np.zeros((rows.shape[1], rows.shape[1]))
    for start in range(0, len(rows), 4_096):
        part = rows[start : start + 4_096].astype(np.float64)
        products += part.T @ part
    return products / max(1, len(rows))


def _projected(vectors: Embeddings, axes: Float32Array, *, cosine: bool) -> Embeddings:
    def of(rows: Float32Array) -> Float32Array:
        found: Float32Array = np.ascontiguousarray(rows @ axes, dtype=np.float32)
        if cosine:
            length = np.linalg.norm(found, axis=1, keepdims=True)
            found /= np.where(length > 0, length, np.float32(1.0))
        return found

    entities = None if vectors.entities is None else of(vectors.entities)
    return Embeddings(of(vectors.users), of(vectors.items), entities)
