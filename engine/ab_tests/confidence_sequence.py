"""Confidence sequences: intervals that hold at every look at once, however often anybody looks.

The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021,
"Time-uniform central limit theory and asymptotic confidence sequences"): after t users, of mean m
and standard deviation s,

    m ± s · sqrt(2 (tr + 1) / (t²r) · log(sqrt(tr + 1) / alpha)),    r = rho².

That is the mixture sequential probability ratio test with a normal mixture (Johari, Koomen,
Pekelis, Walsh 2017, "Peeking at A/B Tests", KDD), with the variance estimated. It is narrowest at
the number of users that r is chosen for, where it is half as wide again as that of one look.

It rests on users who enter one after the other. Between two looks the sums of users who were there
before change too, which the guarantee does not speak of; the simulation in its test has such users.
"""

import math
from statistics import NormalDist

from engine.ab_tests.ratio_metric import RateDifference

FEWEST_USERS = 50
"""With fewer users in a variant no interval is given: their mean is not normal yet."""
NARROWEST_AT = 10_000
"""Users of both variants together at which the interval is narrowest."""


def sequence_width(users: float, alpha: float = 0.05) -> float:
    """Return half the interval in standard errors, after so many users of both variants.

    Args:
        users: How many there are now.
        alpha: How often, over all looks, the interval may leave out the truth.
    """
    spread = users * _mixing(alpha)
    return math.sqrt(2.0 * (spread + 1.0) / spread * math.log(math.sqrt(spread + 1.0) / alpha))


def sequence_p_value(found: RateDifference, users: float, alpha: float = 0.05) -> float:
    """Return the p-value that holds at every look at once.

    It is below ``alpha`` where the interval leaves out 0.

    Args:
        found: The difference.
        users: Of both variants.
        alpha: Which r was chosen for.
    """
    if found.error == 0.0:
        return 1.0 if found.difference == 0.0 else 0.0
    spread = users * _mixing(alpha)
    z = found.difference / found.error
    return min(1.0, math.sqrt(spread + 1.0) * math.exp(-z * z * spread / (2.0 * (spread + 1.0))))


def fixed_width(alpha: float = 0.05) -> float:
    """Return half the interval in standard errors for one look, at a horizon fixed before."""
    return NormalDist().inv_cdf(1.0 - alpha / 2.0)


def fixed_p_value(found: RateDifference) -> float:
    """Return the p-value of one look, at a horizon fixed before."""
    if found.error == 0.0:
        return 1.0 if found.difference == 0.0 else 0.0
    return 2.0 * NormalDist().cdf(-abs(found.difference / found.error))


def _mixing(alpha: float) -> float:
    """Return r, with which the interval is narrowest at ``NARROWEST_AT`` users."""
    odds = -2.0 * math.log(alpha)
    return (odds + math.log(odds + 1.0)) / NARROWEST_AT
