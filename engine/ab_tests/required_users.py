"""Power: how many users, and so how many days, until an effect of a given size would show."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from engine.ab_tests.confidence_sequence import fixed_width, sequence_width
from engine.ab_tests.ratio_metric import RatioMoments

POWER = 0.8
_MOST = 1e12


@dataclass(frozen=True)
class RequiredUsers:
    """What it takes to see an effect in four of five experiments that have it.

    Attributes:
        effect: Relative, 0.05 for 5 %.
        users: Of the control and the variant together.
        days: At the users a day that were given; None where none were.
    """

    effect: float
    users: int
    days: float | None


def required_users(
    control: RatioMoments,
    shares: tuple[float, float],
    effect: float,
    *,
    alpha: float = 0.05,
    always_valid: bool = True,
    users_a_day: float | None = None,
) -> RequiredUsers | None:
    """Return how many users it takes; None where the control's rate is 0 or more than 10¹² do.

    The variant's users are taken to vary as the control's do.

    Args:
        control: Whose rate and variance are taken.
        shares: Of the control and of the variant, in any unit.
        effect: Relative, 0.05 for 5 %.
        alpha: How often an effect may be found that is not there.
        always_valid: With the interval of a confidence sequence; False: of one look.
        users_a_day: New users of both.
    """
    change = effect * abs(float(control.rate))
    total = sum(shares)
    per_user = math.sqrt(
        float(control.user_variance) * sum(total / share for share in shares)
    )  # the error of the difference with one user
    beyond = NormalDist().inv_cdf(POWER)

    def shows(users: float) -> bool:
        width = sequence_width(users, alpha) if always_valid else fixed_width(alpha)
        return change >= (width + beyond) * per_user / math.sqrt(users)

    if change == 0.0 or not shows(_MOST):
        return None
    low, high = 1.0, 2.0
    while not shows(high):
        low, high = high, 2.0 * high
    while high - low > 0.5:
        middle = (low + high) / 2.0
        low, high = (low, middle) if shows(middle) else (middle, high)
    users = math.ceil(high)
    return RequiredUsers(effect, users, users / users_a_day if users_a_day else None)
