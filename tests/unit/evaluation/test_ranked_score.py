"""Lists of two stages: the ranker's candidates first, in its order, then the rest by the blend."""

import numpy as np
import pytest

from engine.data.arrays import Float32Array, Int64Array
from engine.evaluation.ranked_score import RankedCandidates, ranked_scorer

ITEMS = 9


def blend(scale: float = 1.0) -> Float32Array:
    return (scale * np.random.default_rng(3).normal(size=(5, ITEMS))).astype(np.float32)


def candidates(rng: np.random.Generator) -> RankedCandidates:
    users = np.array([0, 0, 0, 2, 2, 4])
    return RankedCandidates(users, np.array([8, 1, 4, 0, 7, 5]), rng.normal(size=len(users)))


@pytest.mark.parametrize("scale", [1.0, 1e6, 1e-6, 0.0])
def test_candidates_come_first_by_the_ranker_and_the_rest_by_the_blend(
    rng: np.random.Generator, scale: float
) -> None:
    ranked, table = candidates(rng), blend(scale)
    score = ranked_scorer(ranked, lambda rows: table[rows].copy())
    rows = np.array([4, 0, 1, 2, 3], dtype=np.int64)
    for row, scores in zip(rows, score(rows), strict=True):
        own = ranked.users == row
        first = ranked.items[own][np.argsort(-ranked.scores[own])]
        rest = np.setdiff1d(np.arange(ITEMS), first)
        order = np.argsort(-scores, kind="stable")
        np.testing.assert_array_equal(order[: len(first)], first)
        np.testing.assert_array_equal(scores[rest], table[row][rest])


def test_users_beyond_the_last_ranked_one_are_served_by_the_blend() -> None:
    none: Int64Array = np.zeros(0, dtype=np.int64)
    table = blend()
    score = ranked_scorer(RankedCandidates(none, none, np.zeros(0)), lambda rows: table[rows])
    np.testing.assert_array_equal(score(np.array([0, 4])), table[[0, 4]])
