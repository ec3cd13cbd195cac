"""The report of an interleaved experiment: which of two lists users chose more from."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from engine.ab_tests.experiment_report import look_remark
from engine.ab_tests.interleaving import Preference, preference_of
from engine.ab_tests.variant_totals import TeamCounts
from engine.data.experiment_definition import Experiment
from engine.data.tabular import Tabular


@dataclass(frozen=True)
class TeamReport:
    """One of the two lists.

    Attributes:
        is_what: As it was written when the experiment started.
        chosen: Items of it that were chosen.
        users: Who chose more items of it than of the other.
    """

    name: str
    is_what: str
    chosen: int
    users: int


@dataclass(frozen=True)
class InterleavingReport(Tabular):
    """What is known of an interleaved experiment now.

    Attributes:
        looks: How often the report was made while the experiment ran, this time included.
        users: Who asked for a list.
        teams: The control first.
        preference: Of the users, for the second.
        remarks: What a reader must know.
    """

    name: str
    metric: str
    looks: int
    users: int
    teams: tuple[TeamReport, TeamReport]
    preference: Preference
    remarks: tuple[str, ...]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row per team."""
        return [
            {"variant": one.name, "chosen": one.chosen, "users": one.users} for one in self.teams
        ]

    def remarks_for_reader(self) -> Sequence[str]:
        """Return the remarks."""
        return self.remarks

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def make_interleaving_report(
    experiment: Experiment, found: TeamCounts, now: datetime
) -> InterleavingReport:
    """Return the report of an interleaved experiment.

    Args:
        experiment: What was started.
        found: What its users chose.
        now: The moment of the look.
    """
    prefer = preference_of(*found.preferring, found.ties)
    first, second = (
        TeamReport(one.name, str(one), chosen, users)
        for one, chosen, users in zip(
            experiment.variants, found.chosen, found.preferring, strict=True
        )
    )
    remarks = [
        f"{prefer.preference:.1%} of those who chose prefer {second.name} (of those who are no "
        f"tie: {prefer.low:.1%} to {prefer.high:.1%}, p = {prefer.p:.2g}; {found.ties} ties).",
        *found.remarks,
    ]
    if found.failed:
        remarks.append(
            f"{found.failed} of {found.lists} lists could not be interleaved: the control made "
            "them, and they count for neither."
        )
    one_look = "interval and p are those of one look, so stop at a time that was fixed before."
    remarks.append(look_remark(experiment, now, "interval and p", one_look))
    return InterleavingReport(
        experiment.name,
        "items chosen",
        experiment.looks,
        found.users,
        (first, second),
        prefer,
        tuple(remarks),
    )
