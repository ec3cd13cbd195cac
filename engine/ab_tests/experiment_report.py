"""The report of an experiment: rates, differences from the control, and whether to believe them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.ab_tests.confidence_sequence import (
    FEWEST_USERS,
    fixed_p_value,
    fixed_width,
    sequence_p_value,
    sequence_width,
)
from engine.ab_tests.ratio_metric import RateDifference, RatioMoments, difference
from engine.ab_tests.required_users import RequiredUsers, required_users
from engine.ab_tests.sample_ratio import SampleRatio, sample_ratio
from engine.ab_tests.variant_totals import ExperimentTotals, VariantTotals
from engine.data.experiment_definition import Experiment, Variant
from engine.data.tabular import Tabular

ALPHA = 0.05


@dataclass(frozen=True)
class VariantReport:
    """One variant.

    Attributes:
        is_what: As it was written when the experiment started.
        rate: By the metric; None where nothing was shown.
        against: How far it lies from the control; None for the control, and with too few users.
        p: Of that difference.
        needed: What it takes to see the effect that was asked about; None for the control.
    """

    name: str
    is_what: str
    users: int
    shown: float
    conversions: float
    value: float
    rate: float | None
    against: RateDifference | None
    p: float | None
    needed: RequiredUsers | None

    def row(self) -> dict[str, Any]:
        """Return the columns of the table of variants."""
        found = self.against
        return {
            "variant": self.name,
            "users": self.users,
            "rate": self.rate,
            "difference": found and found.difference,
            "low": found and found.low,
            "high": found and found.high,
            "relative": found and found.relative,
            "p": self.p,
        }


@dataclass(frozen=True)
class ExperimentReport(Tabular):
    """What is known of an experiment now.

    Attributes:
        always_valid: Whether the intervals hold at every look at once; otherwise at the horizon.
        looks: How often the report was made while the experiment ran, this time included.
        variants: The control first.
        sample_ratio: Whether each variant has as many users as it should.
        in_several, of_others: Users who are left out, as ``ExperimentTotals`` has them.
        remarks: What a reader must know, the worst first.
    """

    name: str
    metric: str
    always_valid: bool
    looks: int
    variants: tuple[VariantReport, ...]
    sample_ratio: SampleRatio
    in_several: int
    of_others: int
    remarks: tuple[str, ...]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row per variant."""
        return [one.row() for one in self.variants]

    def remarks_for_reader(self) -> Sequence[str]:
        """Return the remarks."""
        return self.remarks

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def make_report(
    experiment: Experiment,
    found: ExperimentTotals,
    now: datetime,
    *,
    effect: float = 0.05,
    users_a_day: float | None = None,
) -> ExperimentReport:
    """Return the report of an experiment on the sums of its users.

    Each variant is compared with the control; several share the 5 % (Bonferroni).

    Args:
        experiment: What was started.
        found: Its users, by its metric.
        now: The moment of the look.
        effect: Relative size of the effect whose users are counted, 0.05 for 5 %.
        users_a_day: How many enter; None: as many as did on average since it started.
    """
    total = sum(one.users for one in found.variants.values())
    days = max((now - experiment.started_at) / timedelta(days=1), 1.0)
    daily = users_a_day or total / days
    variants = tuple(
        _variant(experiment, one, found.variants, effect, daily) for one in experiment.variants
    )
    ratio = sample_ratio(
        [one.users for one in variants], [one.share for one in experiment.variants]
    )
    return ExperimentReport(
        experiment.name,
        experiment.metric,
        experiment.days is None,
        experiment.looks,
        variants,
        ratio,
        found.in_several,
        found.of_others,
        tuple(_remarks(experiment, found, variants, ratio, now)),
    )


def _variant(
    experiment: Experiment,
    one: Variant,
    totals: Mapping[str, VariantTotals],
    effect: float,
    users_a_day: float,
) -> VariantReport:
    sums, control = totals[one.name], totals[experiment.control.name].moments
    mine = sums.moments
    alpha = ALPHA / (len(experiment.variants) - 1)
    always_valid = experiment.days is None
    against = p = needed = None
    if one.name != experiment.control.name and _enough(mine) and _enough(control):
        users = float(control.users) + float(mine.users)
        width = sequence_width(users, alpha) if always_valid else fixed_width(alpha)
        against = difference(control, mine, width)
        p = sequence_p_value(against, users, alpha) if always_valid else fixed_p_value(against)
        both = experiment.control.share + one.share
        needed = required_users(
            control,
            (experiment.control.share, one.share),
            effect,
            alpha=alpha,
            always_valid=always_valid,
            users_a_day=users_a_day * both / 100.0,
        )
    return VariantReport(
        one.name,
        str(one),
        sums.users,
        sums.shown,
        sums.conversions,
        sums.value,
        float(mine.rate) if float(mine.x) > 0.0 else None,
        against,
        p,
        needed,
    )


def _enough(moments: RatioMoments) -> bool:
    return float(moments.users) >= FEWEST_USERS and float(moments.x) > 0.0


def _remarks(
    experiment: Experiment,
    found: ExperimentTotals,
    variants: Sequence[VariantReport],
    ratio: SampleRatio,
    now: datetime,
) -> list[str]:
    said = []
    if ratio.mismatch:
        counts = " / ".join(str(one.users) for one in variants)
        shares = " / ".join(f"{one.share:g}" for one in experiment.variants)
        said.append(
            f"SAMPLE RATIO MISMATCH: {counts} users where the shares are {shares} (p = "
            f"{ratio.p:.1g}). Users were lost or counted twice in one variant: believe no "
            "difference until the cause is found."
        )
    if found.in_several:
        said.append(f"{found.in_several} users were seen in several variants and are left out.")
    if found.of_others:
        said.append(f"{found.of_others} users of other variants are left out.")
    if any(one.users < FEWEST_USERS for one in variants):
        said.append(f"A variant with fewer than {FEWEST_USERS} users is not compared.")
    hold = "the intervals hold at every look at once, so it may be stopped at any time."
    said += [*found.remarks, look_remark(experiment, now, "the intervals", hold)]
    said += [_time_needed(one.name, one.needed) for one in variants if one.needed is not None]
    return said


def look_remark(experiment: Experiment, now: datetime, figures: str, at_any_time: str) -> str:
    """Say what a look at an experiment is worth.

    Args:
        experiment: What was started.
        now: The moment of the look.
        figures: What was looked at, such as ``the intervals``.
        at_any_time: What holds of it where no horizon was fixed.
    """
    end, stopped = experiment.ends_at, experiment.stopped_at
    if stopped is not None and (end is None or stopped < end):
        ended = f"It ended at {stopped:%Y-%m-%d %H:%M}, after {experiment.looks} looks"
        if end is None:
            return f"{ended}: {at_any_time}"
        return f"{ended} and before {end:%Y-%m-%d %H:%M}: {figures} are those of one look then."
    if end is None:
        return f"Look {experiment.looks}: {at_any_time}"
    if now < end:
        return (
            f"Look {experiment.looks} before the end at {end:%Y-%m-%d %H:%M}: {figures} are "
            "those of one look at the end, so do not stop by them now."
        )
    return f"The {experiment.days} days are over: {figures} are those of this one look."


def _time_needed(name: str, needed: RequiredUsers) -> str:
    days = "" if needed.days is None else f", {needed.days:.1f} days at this rate"
    return (
        f"{name}: an effect of {needed.effect:.1%} shows after {needed.users} users of it and the "
        f"control{days}, in four of five such experiments."
    )
