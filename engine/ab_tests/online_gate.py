"""The online gate: may the candidate of a night serve everybody, by what users of its trial did?

A non-inferiority test by the always-valid interval of the candidate's relative difference from what
serves, so that it may be asked as often as anybody likes: above -margin it is not worse, below it
is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from engine.ab_tests.experiment_report import ExperimentReport, make_report
from engine.ab_tests.ratio_metric import RateDifference
from engine.ab_tests.variant_totals import ExperimentTotals, VariantTotals
from engine.data.experiment_definition import Experiment
from engine.data.online_trial import OnlineGateLimits

MOST_FAILED = 0.01
"""Share of the candidate's lists that the control may have made; with more, others were judged."""

GateVerdict = Literal["promote", "roll-back", "give-up", "wait"]


@dataclass(frozen=True)
class GateDecision:
    """What becomes of a trial.

    Attributes:
        verdict: ``promote``: the candidate serves everybody; ``roll-back``: it is worse;
            ``give-up``: its time is over and nothing was shown; ``wait``: the trial goes on.
        why: A sentence.
    """

    verdict: GateVerdict
    why: str


def decide(
    experiment: Experiment, limits: OnlineGateLimits, found: ExperimentTotals, now: datetime
) -> GateDecision:
    """Decide on a trial by the sums of its users.

    Args:
        experiment: The trial: what serves is its control, the candidate its other variant.
        limits: What it is judged by.
        found: Its users, by the metric of the limits.
        now: The moment of the look.
    """
    report = make_report(experiment, found, now)
    control, candidate = report.variants
    difference = candidate.against
    said = _measured(difference, limits)
    if difference is not None and _is_worse(difference, limits):
        return GateDecision("roll-back", f"The candidate is worse: {said}.")
    missing = _missing([control.users, candidate.users], limits)
    if missing is None and difference is not None and _is_not_worse(difference, limits):
        doubt = _doubt(report, found.variants[candidate.name])
        if doubt is None:
            return GateDecision("promote", f"The candidate is not worse: {said}.")
        said = doubt
    elif missing is not None:
        said = missing
    return undecided(experiment, limits, said, now)


def undecided(
    experiment: Experiment, limits: OnlineGateLimits, said: str, now: datetime
) -> GateDecision:
    """Return what becomes of a trial that shows nothing: it goes on until its days are over.

    Args:
        experiment: The trial.
        limits: What it is judged by.
        said: Why it shows nothing.
        now: The moment of the look.
    """
    if now - experiment.started_at >= timedelta(days=limits.days):
        return GateDecision("give-up", f"After {limits.days:g} days nothing is shown: {said}.")
    return GateDecision("wait", f"The trial goes on: {said}.")


def _is_worse(found: RateDifference, limits: OnlineGateLimits) -> bool:
    return found.relative_high is not None and found.relative_high < -limits.margin


def _is_not_worse(found: RateDifference, limits: OnlineGateLimits) -> bool:
    return found.relative_low is not None and found.relative_low > -limits.margin


def _missing(users: Sequence[int], limits: OnlineGateLimits) -> str | None:
    """Say that a variant has too few users, or None."""
    if min(users) >= limits.users:
        return None
    return (
        f"{users[1]} users of the candidate and {users[0]} of what serves, where {limits.users} "
        "of each are needed"
    )


def _doubt(report: ExperimentReport, candidate: VariantTotals) -> str | None:
    """Say why what was measured is not to be believed, or None."""
    if report.sample_ratio.mismatch:
        counts = " / ".join(str(one.users) for one in report.variants)
        return f"sample ratio mismatch, {counts} users (p = {report.sample_ratio.p:.1g})"
    if candidate.failed > MOST_FAILED * candidate.lists:
        return f"what serves made {candidate.failed} of the candidate's {candidate.lists} lists"
    return None


def _measured(found: RateDifference | None, limits: OnlineGateLimits) -> str:
    if found is None or found.relative is None:
        return f"{limits.metric} cannot be compared yet"
    interval = f"{found.relative:+.1%} [{found.relative_low:+.1%}, {found.relative_high:+.1%}]"
    return f"{limits.metric} {interval}, where {-limits.margin:+.1%} is the limit"
