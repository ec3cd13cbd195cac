"""Intervals of one ratio of two sums over users, by the delta method of ``ratio_metric``.

Impressions of one user are not independent, so a share of impressions is a ratio of two sums over
users.
"""

from dataclasses import dataclass

from engine.ab_tests.ratio_metric import RatioMoments

_NORMAL_95 = 1.959964
_FEWEST_USERS = 2


@dataclass(frozen=True)
class RatioInterval:
    """A ratio and its 95 % interval; both ends are None where no interval can be told.

    None is told of fewer than two users, nor where nothing was counted.
    """

    ratio: float
    low: float | None
    high: float | None


def ratio_interval(sums: RatioMoments, least: float = 0.0) -> RatioInterval | None:
    """Return the ratio of two sums, Σy / Σx, or None where the lower one is 0.

    Args:
        sums: Over users.
        least: No ratio can be less: 0 for counts, minus infinity where y may be below 0.
    """
    if not sums.x:
        return None
    ratio = float(sums.rate)
    if sums.users < _FEWEST_USERS or not sums.y:
        return RatioInterval(ratio, None, None)
    error = _NORMAL_95 * float(sums.error)
    return RatioInterval(ratio, max(ratio - error, least), ratio + error)
