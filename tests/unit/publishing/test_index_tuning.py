"""The cheapest index that is enough, and what items are worth beside their vectors."""

from collections.abc import Callable

import numpy as np
import pytest

from engine.data.vocabulary import Vocabulary
from engine.graph.stored_generations import Popularity
from engine.graph.vector_index import IndexSettings
from engine.publishing.index_tuning import (
    ENOUGH,
    OVER_FETCHES,
    IndexChoice,
    IndexMeasurement,
    ModelVectors,
    indexing_stage,
    least_fetch,
)

SMALL, LARGE = IndexSettings(16, 100), IndexSettings(32, 300)


def _measured(asked: list[int], **overlaps: float) -> Callable[[int], IndexMeasurement]:
    """What each over-fetch achieves, as ``f40=0.5``; 0 of every other."""

    def measure(over_fetch: int) -> IndexMeasurement:
        asked.append(over_fetch)
        return IndexMeasurement(overlaps.get(f"f{over_fetch}", 0.0), 2 * over_fetch, 1.5)

    return measure


def test_the_least_that_is_enough_is_taken_and_no_more_is_asked() -> None:
    asked: list[int] = []
    measure = _measured(asked, f40=ENOUGH - 0.01, f100=ENOUGH, f200=1.0)
    choice, best = least_fetch(measure, SMALL, [])
    assert choice == IndexChoice(SMALL, 100, 200, ENOUGH, 1.5)
    assert best == ENOUGH
    assert asked == [40, 100]


def test_where_nothing_is_enough_the_best_is_said() -> None:
    asked: list[int] = []
    measure = _measured(asked, f100=0.7, f200=0.4)
    assert least_fetch(measure, SMALL, []) == (None, 0.7)
    assert asked == list(OVER_FETCHES)


def test_a_larger_index_must_need_less_than_a_smaller_one() -> None:
    asked: list[int] = []
    known = [IndexChoice(SMALL, n, n, 1.0, 1.0) for n in (400, 200)]
    measure = _measured(asked, f40=0.3, f200=1.0)
    assert least_fetch(measure, LARGE, known) == (None, 0.3)
    assert asked == [40, 100]


def test_the_stage_says_what_is_built_and_why_again() -> None:
    assert indexing_stage(SMALL, None) == "indexing items (m=16, ef_construction=100)"
    assert indexing_stage(LARGE, 0.9512) == (
        "indexing items again with larger settings (m=32, ef_construction=300): so far it serves "
        "95.1% of the model's own top 20"
    )


def test_popularity_is_worth_its_cube_root_and_what_is_gone_nothing() -> None:
    vectors = ModelVectors(
        Vocabulary(["u"]),
        Vocabulary(["most", "eighth", "never", "gone"]),
        np.ones((1, 2), dtype=np.float32),
        np.ones((4, 2), dtype=np.float32),
        0.5,
        Popularity({"most": 64, "eighth": 8, "never": 0, "of another model": 3}),
    )
    bonus = vectors.bonus()
    assert bonus.dtype == np.float32
    assert bonus == pytest.approx([0.5, 0.25, 0.0, -np.inf])
