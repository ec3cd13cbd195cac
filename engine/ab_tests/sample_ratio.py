"""Sample ratio mismatch: are there as many users in each variant as its share says.

Where there are not, users were lost or counted twice in one variant, and no difference of the
variants can be believed (Fabijan et al. 2019, "Diagnosing Sample Ratio Mismatch in Online
Controlled Experiments", KDD). Pearson's χ² test, with their threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

ALARM_BELOW = 0.001


@dataclass(frozen=True)
class SampleRatio:
    """How likely a split as uneven as this one is.

    Attributes:
        p: Of the χ² test.
        mismatch: Whether that is below 0.001.
    """

    p: float
    mismatch: bool


def sample_ratio(users: Sequence[float], shares: Sequence[float]) -> SampleRatio:
    """Compare the users of each variant with its share of 100.

    Args:
        users: Of each variant.
        shares: Of each variant, any of them above 0.
    """
    total = float(np.sum(users))
    if total == 0.0:
        return SampleRatio(1.0, False)
    expected = total * np.asarray(shares, dtype=np.float64) / float(np.sum(shares))
    statistic = float(np.sum((np.asarray(users) - expected) ** 2 / expected))
    p = float(stats.chi2.sf(statistic, len(shares) - 1))
    return SampleRatio(p, p < ALARM_BELOW)
