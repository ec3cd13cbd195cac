"""What is packed comes out again; of what was never packed nothing is known."""

import numpy as np

from engine.ranking.candidates import GROUPS
from engine.ranking.item_numbers import packed, unpacked
from engine.ranking.item_statistics import STATISTICS


def test_numbers_come_out_as_they_went_in() -> None:
    rng = np.random.default_rng(0)
    statistics = rng.random((5, len(STATISTICS))).astype(np.float32).astype(np.float64)
    statistics[2, -1] = np.nan
    groups = rng.integers(-1, 1_000, (5, GROUPS)).astype(np.int32)
    found = unpacked(packed(statistics, groups))
    np.testing.assert_array_equal(found[0], statistics)
    np.testing.assert_array_equal(found[1], groups)


def test_an_item_without_numbers_was_had_by_nobody_and_is_in_no_group() -> None:
    statistics, groups = unpacked([None, b"", b"of another engine"])
    assert np.isnan(statistics[:, STATISTICS.index("days_between")]).all()
    assert not np.nan_to_num(statistics).any()
    assert (groups == -1).all()


def test_no_items_have_no_numbers() -> None:
    statistics, groups = unpacked([])
    assert (statistics.shape, groups.shape) == ((0, len(STATISTICS)), (0, GROUPS))
