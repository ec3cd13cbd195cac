"""What a report says: differences, when to believe them, and what is shouted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.ab_tests.experiment_report import make_report
from engine.ab_tests.ratio_metric import UserSums
from engine.ab_tests.sums_file import VariantSums
from engine.ab_tests.variant_totals import ExperimentTotals
from engine.data.experiment_definition import Experiment, Variant

_START = datetime(2026, 8, 1, tzinfo=UTC)
_AB = (Variant("a", 50.0, "serving"), Variant("b", 50.0, "generation", generation=13))
_EXPERIMENT = Experiment(
    1, "tea", "conversion", "home", 0, 10_000, _AB, None, _START, "ann@shop", looks=3
)


def _sums(users: int, rate: float, seed: int) -> UserSums:
    shown = np.full(users, 10.0)
    conversions = np.random.default_rng(seed).binomial(10, rate, users).astype(float)
    return UserSums(shown, conversions, 2.0 * conversions)


def _totals(sums: dict[str, UserSums]) -> ExperimentTotals:
    return VariantSums(sums, 0, 0).totals("conversion")


def test_a_difference_that_is_there_is_found_and_looks_are_named() -> None:
    found = VariantSums({"a": _sums(3_000, 0.10, 1), "b": _sums(3_000, 0.13, 2)}, 0, 0)
    report = make_report(
        _EXPERIMENT, found.totals("conversion"), _START + timedelta(days=6), effect=0.02
    )
    a, b = report.variants
    assert (a.against, a.p, b.is_what) == (None, None, "b=generation:13")
    assert b.against is not None
    assert b.against.low < 0.03 < b.against.high
    assert b.against.significant
    assert b.p is not None
    assert b.p < 0.001
    assert b.needed is not None
    assert b.needed.days == pytest.approx(b.needed.users / 1_000)
    assert report.always_valid
    assert "Look 3" in report.remarks[0]
    stopped = replace(_EXPERIMENT, looks=0, stopped_at=_START + timedelta(days=6))
    for one, said in (
        (stopped, "It ended at 2026-08-07 00:00, after 0 looks: the intervals hold"),
        (replace(stopped, days=14), "after 0 looks and before 2026-08-15 00:00: the intervals are"),
    ):
        remarks = make_report(one, found.totals("conversion"), _START).remarks
        assert said in remarks[0], "of what has ended nobody is told to wait"
    assert report.to_dicts()[1]["difference"] == b.against.difference
    by_value = make_report(
        replace(_EXPERIMENT, metric="value-per-user"), found.totals("value-per-user"), _START
    )
    assert by_value.variants[0].rate == pytest.approx(2.0, rel=0.05)


def test_a_fixed_horizon_has_shorter_intervals_that_do_not_hold_before_it() -> None:
    found = VariantSums({"a": _sums(500, 0.1, 3), "b": _sums(500, 0.1, 4)}, 0, 0)
    fixed = replace(_EXPERIMENT, days=14)
    early = make_report(fixed, found.totals("conversion"), _START + timedelta(days=3))
    late = make_report(fixed, found.totals("conversion"), _START + timedelta(days=15))
    any_time = make_report(_EXPERIMENT, found.totals("conversion"), _START + timedelta(days=3))
    assert "do not stop by them now" in early.remarks[0]
    assert "days are over" in late.remarks[0]
    narrow, wide = late.variants[1].against, any_time.variants[1].against
    assert narrow is not None
    assert wide is not None
    assert wide.high - wide.low > 1.4 * (narrow.high - narrow.low)


def test_a_sample_ratio_mismatch_comes_before_everything_else() -> None:
    found = VariantSums({"a": _sums(5_000, 0.1, 5), "b": _sums(4_500, 0.1, 6)}, 7, 2)
    report = make_report(_EXPERIMENT, found.totals("conversion"), _START + timedelta(days=1))
    assert report.sample_ratio.mismatch
    assert report.remarks[0].startswith("SAMPLE RATIO MISMATCH: 5000 / 4500 users")
    assert "7 users were seen in several variants" in report.remarks[1]
    assert "2 users of other variants" in report.remarks[2]


def test_too_few_users_and_nothing_shown_give_no_difference() -> None:
    nothing = UserSums(*(np.zeros(80) for _ in range(3)))
    for b in (_sums(49, 0.1, 7), nothing, UserSums(*(np.zeros(0) for _ in range(3)))):
        report = make_report(
            _EXPERIMENT,
            _totals({"a": _sums(80, 0.1, 8), "b": b}),
            _START,
        )
        assert report.variants[1].against is None
    assert report.variants[1].rate is None
    assert any("fewer than 50 users" in one for one in report.remarks)


def test_three_variants_share_what_may_be_found_by_chance() -> None:
    three = (*(replace(one, share=40.0) for one in _AB), Variant("c", 20.0, "holdout"))
    sums = {name: _sums(600, 0.1, 9) for name in "abc"}
    two = make_report(_EXPERIMENT, _totals({n: sums[n] for n in "ab"}), _START)
    more = make_report(replace(_EXPERIMENT, variants=three), _totals(sums), _START)
    narrow, wide = two.variants[1].against, more.variants[1].against
    assert narrow is not None
    assert wide is not None
    assert wide.high - wide.low > narrow.high - narrow.low
