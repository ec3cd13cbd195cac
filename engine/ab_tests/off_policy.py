"""Off-policy estimates: what another ordering would have converted, from what was shown.

Each shown item stands with the propensity it had at its position, and with the probability that
the other ordering, the target, gives it there: 1 or 0 where that draws nothing. Whether an item
converts is taken to depend on the item, the user and the position alone and not on the items around
it: the item-position model (Li et al. 2018, "Offline Evaluation of Ranking Policies with Click
Models", KDD). Estimators of the rate per shown item:

- ``ips``: the mean of w·r, w the target's probability over the propensity: right on average.
- ``snips``: the same over the mean of w (Swaminathan and Joachims 2015, "The Self-Normalized
  Estimator for Counterfactual Learning", NeurIPS): a little off, and steadier.
- ``doubly robust``: a model's prediction for the target, corrected by w·(r - prediction) on what
  was shown (Dudík, Langford, Li 2011, "Doubly Robust Policy Evaluation and Learning", ICML): right
  on average where either the propensities or the predictions are.

The intervals are by user, by the delta method.
"""

from dataclasses import dataclass

import numpy as np

from engine.ab_tests.confidence_sequence import FEWEST_USERS, fixed_width
from engine.ab_tests.ratio_metric import RatioMoments
from engine.data.arrays import Float64Array, Int64Array
from engine.errors import TooLittleOverlap

FEWEST_EFFECTIVE = 100.0
LEAST_COVERED = 0.9


@dataclass(frozen=True, eq=False)
class ShownItems:
    """What was shown, a row for each item at its position in a list of ``n_positions`` in all.

    Attributes:
        user: ``(n,)``, number of the user, from 0.
        reward: ``(n,)``, 1 where the item converted, or what that was worth.
        propensity: ``(n,)``, how likely it was to stand there; above 0.
        target: ``(n,)``, how likely the target is to show it there.
    """

    user: Int64Array
    reward: Float64Array
    propensity: Float64Array
    target: Float64Array

    @property
    def weight(self) -> Float64Array:
        """The target's probability over the propensity, ``(n,)``."""
        return self.target / self.propensity


@dataclass(frozen=True)
class OffPolicyEstimate:
    """A rate per shown item.

    Attributes:
        low, high: Of its interval by user.
        effective: Effective sample size, (Σw)² / Σw² (Kish 1965): so many items shown by the target
            itself would tell as much.
    """

    rate: float
    low: float
    high: float
    effective: float


def ips(shown: ShownItems, alpha: float = 0.05) -> OffPolicyEstimate:
    """Return the estimate by inverse propensities.

    Raises:
        TooLittleOverlap: Too little of what the target would show was shown.
    """
    effective = _check_overlap(shown)
    return _estimate(shown, shown.weight * shown.reward, np.ones(len(shown.user)), effective, alpha)


def snips(shown: ShownItems, alpha: float = 0.05) -> OffPolicyEstimate:
    """Return the estimate by inverse propensities that are normalised.

    Raises:
        TooLittleOverlap: As ``ips``.
    """
    effective = _check_overlap(shown)
    return _estimate(shown, shown.weight * shown.reward, shown.weight, effective, alpha)


def doubly_robust(
    shown: ShownItems, predicted: Float64Array, of_target: Float64Array, alpha: float = 0.05
) -> OffPolicyEstimate:
    """Return the doubly robust estimate.

    Args:
        shown: What was shown.
        predicted: ``(n,)``, the reward that a model expects of the item that was shown.
        of_target: ``(n,)``, the reward it expects of what the target shows at that position.
        alpha: One less the confidence of the interval.

    Raises:
        TooLittleOverlap: As ``ips``.
    """
    effective = _check_overlap(shown)
    corrected = of_target + shown.weight * (shown.reward - predicted)
    return _estimate(shown, corrected, np.ones(len(shown.user)), effective, alpha)


def effective_sample_size(weight: Float64Array) -> float:
    """Return (Σw)² / Σw², 0 where every weight is."""
    squares = float(np.sum(weight**2))
    return float(np.sum(weight)) ** 2 / squares if squares else 0.0


def _estimate(
    shown: ShownItems, y: Float64Array, x: Float64Array, effective: float, alpha: float
) -> OffPolicyEstimate:
    """Return Σy / Σx with an interval over users."""
    users = np.unique(shown.user, return_inverse=True)[1]
    by_user = np.zeros((int(users.max()) + 1, 2))
    np.add.at(by_user, users, np.column_stack((y, x)))
    moments = RatioMoments.of(by_user[:, 0], by_user[:, 1])
    rate, half = float(moments.rate), fixed_width(alpha) * float(moments.error)
    return OffPolicyEstimate(rate, rate - half, rate + half, effective)


def _check_overlap(shown: ShownItems) -> float:
    """Return the effective sample size.

    Were everything shown that the target shows, the weights would have the mean 1.

    Raises:
        TooLittleOverlap: It is below 100, the mean weight is surely below 0.9, or there are fewer
            than 50 users.
    """
    users = len(np.unique(shown.user))
    if users < FEWEST_USERS:
        raise TooLittleOverlap(
            f"{users} users were shown something: an estimate needs {FEWEST_USERS}",
            hint="show lists to more users",
        )
    weight = shown.weight
    effective = effective_sample_size(weight)
    if effective < FEWEST_EFFECTIVE:
        raise TooLittleOverlap(
            f"the effective sample size is {effective:.0f}: an estimate needs "
            f"{FEWEST_EFFECTIVE:.0f}",
            hint="show more, or explore a larger share of the positions",
        )
    covered = _estimate(shown, weight, np.ones(len(weight)), effective, alpha=0.05)
    if covered.high < LEAST_COVERED:
        raise TooLittleOverlap(
            f"of what it would show, {covered.rate:.0%} had a chance to be shown: an estimate "
            f"needs {LEAST_COVERED:.0%}",
            hint="explore the items that it would show",
        )
    return effective
