"""What the users of an experiment saw and did, added up by variant: all that a report needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.ab_tests.ratio_metric import RatioMoments


@dataclass(frozen=True, eq=False)
class VariantTotals:
    """One variant.

    Attributes:
        moments: Of the metric, over its users.
        shown, conversions, value: Sums over its users.
        lists: Their lists, where these are remembered.
        failed: Those of them that the control made.
    """

    moments: RatioMoments
    shown: float
    conversions: float
    value: float
    lists: int = 0
    failed: int = 0

    @property
    def users(self) -> int:
        """How many users it has."""
        return int(float(self.moments.users))


NOBODY = VariantTotals(RatioMoments(*(0.0,) * 6), 0.0, 0.0, 0.0)
"""A variant that nobody was shown."""


@dataclass(frozen=True, eq=False)
class ExperimentTotals:
    """The users of an experiment.

    Attributes:
        variants: Name to what its users saw and did.
        in_several: Users who were seen in more than one variant: they are in no total.
        of_others: Users of variants that the experiment does not have: they are in no total.
        remarks: What a reader must know of how they were counted.
    """

    variants: Mapping[str, VariantTotals]
    in_several: int
    of_others: int
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class TeamCounts:
    """What the users of an interleaved experiment chose.

    Attributes:
        users, lists: Who asked for a list, and how many lists there are.
        failed: Those that the control made alone.
        chosen: Items of each team that were chosen.
        preferring: Users who chose more items of one team than of the other.
        ties: Users who chose as many of each, and at least one.
        remarks: What a reader must know of how they were counted.
    """

    users: int
    lists: int
    failed: int
    chosen: tuple[int, int]
    preferring: tuple[int, int]
    ties: int
    remarks: tuple[str, ...] = ()
