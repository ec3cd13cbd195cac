"""What comes out of experiments on users, field by field."""

from typing import Literal

from engine.serving.answer_form import AnswerModel
from engine.serving.replies import Reply


class ExperimentVariantEntry(AnswerModel):
    """One of the things that are compared.

    Attributes:
        share: Of the experiment's users, in per cent.
        is_what: As it was written when the experiment started.
    """

    name: str
    share: float
    is_what: str


class ExperimentEntry(AnswerModel):
    """An experiment.

    Attributes:
        traffic: Share of the layer's users that are in it, in per cent.
        variants: The control first.
        days: The horizon that was fixed; left out where it may be looked at at any time.
        looks: How often its report was made while it ran.
        interleaved: Whether users get its two variants as one list.
        trial: Whether a night lets it decide on a generation.
        winner: Left out where it runs, or was stopped without one.
        stop_reason: Why a trial ended.
    """

    name: str
    state: Literal["running", "stopped"]
    metric: str
    layer: str
    traffic: float
    variants: list[ExperimentVariantEntry]
    interleaved: bool
    trial: bool
    days: int | None
    looks: int
    started_at: str
    stopped_at: str | None
    winner: str | None
    stop_reason: str | None


class ExperimentListReply(Reply):
    """Newest first."""

    experiments: list[ExperimentEntry]


class RateDifferenceEntry(AnswerModel):
    """How far the rate of a variant lies from that of the control.

    Attributes:
        error: Standard error of the difference.
        low, high: Of its interval.
        relative, relative_low, relative_high: The same as shares of the control's rate.
    """

    difference: float
    error: float
    low: float
    high: float
    relative: float | None
    relative_low: float | None
    relative_high: float | None


class RequiredUsersEntry(AnswerModel):
    """What it takes to see an effect in four of five experiments that have it.

    Attributes:
        effect: Relative, 0.05 for 5 %.
        users: Of the variant and the control.
        days: Until so many have entered; left out where nobody enters.
    """

    effect: float
    users: int
    days: float | None


class VariantResultEntry(AnswerModel):
    """One variant.

    Attributes:
        rate: By the metric; left out where nothing was shown.
        against, p, needed: Of the difference from the control; left out for the control itself,
            and with too few users.
    """

    name: str
    is_what: str
    users: int
    shown: float
    conversions: float
    value: float
    rate: float | None
    against: RateDifferenceEntry | None
    p: float | None
    needed: RequiredUsersEntry | None


class SampleRatioEntry(AnswerModel):
    """How likely a split of the users as uneven as this one is, and whether that is an alarm."""

    p: float
    mismatch: bool


class ExperimentReportReply(Reply):
    """What is known of an experiment now.

    Attributes:
        always_valid: Whether the intervals hold at every look at once; otherwise at the end alone.
        looks: How often the report was made while the experiment ran, this time included.
        variants: The control first.
        in_several, of_others: Users who are left out: seen in several variants, or in one that the
            experiment does not have.
        remarks: What a reader must know, the worst first.
    """

    name: str
    metric: str
    always_valid: bool
    looks: int
    variants: list[VariantResultEntry]
    sample_ratio: SampleRatioEntry
    in_several: int
    of_others: int
    remarks: list[str]


class TeamEntry(AnswerModel):
    """One of two lists that are interleaved.

    Attributes:
        chosen: Items of it that were chosen.
        users: Who chose more items of it than of the other.
    """

    name: str
    is_what: str
    chosen: int
    users: int


class PreferenceEntry(AnswerModel):
    """Which of two lists users chose more from.

    Attributes:
        for_a, for_b: Users who chose more items of one list than of the other.
        ties: Users who chose as many of each, and at least one.
        preference: Share of users for the second, ties as halves.
        low, high: Of its interval, among those who are no tie.
        p: Of the sign test.
    """

    for_a: int
    for_b: int
    ties: int
    preference: float
    low: float
    high: float
    p: float


class InterleavingReportReply(Reply):
    """What is known of an interleaved experiment now.

    Attributes:
        looks: How often the report was made while the experiment ran, this time included.
        users: Who asked for a list.
        teams: The control first.
        remarks: What a reader must know.
    """

    name: str
    metric: str
    looks: int
    users: int
    teams: list[TeamEntry]
    preference: PreferenceEntry
    remarks: list[str]
