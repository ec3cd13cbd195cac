"""The online gate at every boundary: of margin, users, failed lists, shares and days."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.ab_tests.experiment_report import make_report
from engine.ab_tests.online_gate import GateDecision, decide
from engine.ab_tests.ratio_metric import RateDifference, UserSums
from engine.ab_tests.variant_totals import NOBODY, ExperimentTotals, VariantTotals
from engine.data.experiment_definition import Experiment, Variant
from engine.data.online_trial import OnlineGateLimits, OnlineTrial

_BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
_LIMITS = OnlineGateLimits(share=50.0, users=1_000, margin=0.3, days=14.0)
_TRIAL = Experiment(
    id=1,
    name="online-gate-7",
    metric="conversions-per-user",
    layer="recommendations",
    first_bucket=0,
    end_bucket=10_000,
    variants=(Variant("serving", 50.0, "serving"), Variant("candidate", 50.0, "generation", 7)),
    days=None,
    started_at=_BEGAN,
    who="ann@shop",
    trial=OnlineTrial(3, 7, 2, _LIMITS),
)


def _users(users: int, converted: int, lists: int = 0, failed: int = 0) -> VariantTotals:
    """So many users, of whom the first ones converted once."""
    conversions = (np.arange(users) < converted).astype(float)
    sums = UserSums(np.full(users, 10.0), conversions, conversions)
    moments = sums.moments("conversions-per-user")
    return VariantTotals(moments, 10.0 * users, float(converted), float(converted), lists, failed)


def _totals(serving: VariantTotals, candidate: VariantTotals) -> ExperimentTotals:
    return ExperimentTotals({"serving": serving, "candidate": candidate}, 0, 0)


def _decide(
    found: ExperimentTotals, limits: OnlineGateLimits = _LIMITS, days: float = 1.0
) -> GateDecision:
    return decide(_TRIAL, limits, found, _BEGAN + timedelta(days=days))


def _interval(found: ExperimentTotals) -> RateDifference:
    against = make_report(_TRIAL, found, _BEGAN).variants[1].against
    assert against is not None
    return against


_LEVEL = _totals(_users(2_000, 600), _users(2_000, 600))
_WORSE = _totals(_users(2_000, 1_000), _users(2_000, 500))


def test_a_candidate_is_promoted_where_the_interval_lies_above_the_margin_and_not_at_it() -> None:
    low = _interval(_LEVEL).relative_low
    assert low is not None
    assert -0.3 < low < 0.0
    assert _decide(_LEVEL).verdict == "promote"
    assert _decide(_LEVEL, replace(_LIMITS, margin=-low)).verdict == "wait"
    assert _decide(_LEVEL, replace(_LIMITS, margin=-low + 1e-9)).verdict == "promote"
    said = _decide(_LEVEL).why
    assert said.startswith("The candidate is not worse: conversions-per-user +0.0% [-")
    assert said.endswith("where -30.0% is the limit.")


def test_it_is_rolled_back_where_the_interval_lies_below_the_margin_and_not_at_it() -> None:
    high = _interval(_WORSE).relative_high
    assert high is not None
    assert high < -0.3
    assert _decide(_WORSE).verdict == "roll-back"
    assert _decide(_WORSE, replace(_LIMITS, margin=-high)).verdict == "wait"
    assert _decide(_WORSE, replace(_LIMITS, margin=-high - 1e-9)).verdict == "roll-back"
    # At once: neither the number of users nor the time is waited for, nor a doubt listened to.
    few = _totals(_users(60, 60), _users(60, 0))
    assert _decide(few, days=0.0).verdict == "roll-back"
    assert _decide(_totals(_users(59, 59), _users(49, 0))).verdict == "wait"
    assert _decide(_totals(_users(4_000, 2_000), _users(1_000, 100))).verdict == "roll-back"


def test_both_variants_need_the_users_before_anything_is_promoted() -> None:
    enough = replace(_LIMITS, users=2_000)
    assert _decide(_LEVEL, enough).verdict == "promote"
    more = _decide(_LEVEL, replace(_LIMITS, users=2_001))
    assert more.verdict == "wait"
    assert "2000 users of the candidate and 2000 of what serves, where 2001 of each" in more.why
    unequal = _totals(_users(2_001, 600), _users(1_999, 600))
    assert _decide(unequal, enough).verdict == "wait"
    assert _decide(_totals(_users(1_999, 600), _users(2_001, 600)), enough).verdict == "wait"


def test_lists_that_the_control_made_are_no_evidence_for_the_candidate() -> None:
    at_most = _totals(_users(2_000, 600), _users(2_000, 600, lists=3_000, failed=30))
    assert _decide(at_most).verdict == "promote"
    more = _totals(_users(2_000, 600), _users(2_000, 600, lists=3_000, failed=31))
    found = _decide(more)
    assert (found.verdict, "31 of the candidate's 3000 lists" in found.why) == ("wait", True)


def test_users_that_were_lost_in_one_variant_keep_a_candidate_from_serving() -> None:
    found = _decide(_totals(_users(2_000, 600), _users(1_700, 510)))
    assert found.verdict == "wait"
    assert "sample ratio mismatch, 2000 / 1700 users" in found.why


@pytest.mark.parametrize(
    ("days", "verdict"), [(-3.0, "wait"), (13.999, "wait"), (14.0, "give-up"), (15.0, "give-up")]
)
def test_a_trial_that_shows_nothing_ends_after_its_days(days: float, verdict: str) -> None:
    # Before its start: a clock ran ahead when it began.
    undecided = _totals(_users(1_000, 10), _users(1_000, 9))
    nobody = _totals(NOBODY, NOBODY)
    nothing_done = _totals(_users(2_000, 0), _users(2_000, 100))
    for found in (undecided, nobody, nothing_done):
        assert _decide(found, days=days).verdict == verdict
    assert _decide(_LEVEL, days=days).verdict == "promote"
    assert _decide(_WORSE, days=days).verdict == "roll-back"
    assert "conversions-per-user cannot be compared yet" in _decide(nothing_done).why
