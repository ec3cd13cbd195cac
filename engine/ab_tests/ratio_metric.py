"""A ratio metric of one variant, such as conversions per shown item, and its error by user.

Users are what was assigned at random, so they are the unit of the error, however many items each
was shown. The variance is that of the delta method (Deng, Knoblich, Lu 2018, "Applying the Delta
Method in Metric Analytics", KDD), as is the interval of the relative difference.
"""

import math
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias, get_args

import numpy as np

from engine.data.arrays import Float64Array

Metric = Literal["conversion", "value", "conversions-per-user", "value-per-user"]
"""What is divided by what: conversions or value, by shown items or by users."""
METRICS: tuple[Metric, ...] = get_args(Metric)
Amount: TypeAlias = "float | Float64Array"


def metric_named(name: str) -> Metric:
    """Return the metric of a name that an experiment was started with."""
    return next(one for one in METRICS if one == name)


@dataclass(frozen=True, eq=False)
class UserSums:
    """What each user of one variant saw and did.

    Attributes:
        shown: ``(n_users,)``, items that were shown.
        conversions: ``(n_users,)``, how many of them converted.
        value: ``(n_users,)``, what that was worth.
    """

    shown: Float64Array
    conversions: Float64Array
    value: Float64Array

    def terms(self, metric: Metric) -> tuple[Float64Array, Float64Array]:
        """Return the numerator and the denominator of each user, ``(n_users,)`` both."""
        numerator = self.conversions if metric.startswith("conversion") else self.value
        denominator = np.ones(len(self.shown)) if metric.endswith("per-user") else self.shown
        return numerator, denominator

    def moments(self, metric: Metric) -> "RatioMoments":
        """Return the moments of a metric."""
        return RatioMoments.of(*self.terms(metric))


@dataclass(frozen=True, eq=False)
class RatioMoments:
    """Sums over users of the numerator y, the denominator x, and their products.

    Each is a number, or an array with one for each of many experiments.
    """

    users: Amount
    y: Amount
    x: Amount
    yy: Amount
    xy: Amount
    xx: Amount

    @classmethod
    def of(cls, y: Float64Array, x: Float64Array) -> "RatioMoments":
        """Return the sums of the users' numerators and denominators, ``(n_users,)`` each."""
        sums = (y.sum(), x.sum(), (y * y).sum(), (x * y).sum(), (x * x).sum())
        return cls(float(len(y)), *map(float, sums))

    def __add__(self, other: "RatioMoments") -> "RatioMoments":
        """Return the moments of the users of both."""
        names = [field.name for field in fields(self)]
        return RatioMoments(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def rate(self) -> Amount:
        """The ratio of the sums."""
        return self.y / self.x

    @property
    def user_variance(self) -> Amount:
        """The variance of what one user adds to the rate: of (y - rate * x) / mean(x)."""
        rate = self.rate
        squares = self.yy - 2.0 * rate * self.xy + rate * rate * self.xx
        return np.maximum(squares, 0.0) / (self.users - 1.0) / (self.x / self.users) ** 2

    @property
    def error(self) -> Amount:
        """The standard error of the rate."""
        return np.sqrt(self.user_variance / self.users)


@dataclass(frozen=True)
class RateDifference:
    """How far the rate of a variant lies from that of the control, with an interval.

    Attributes:
        difference: The rate of the variant less that of the control.
        error: Its standard error.
        low, high: Of the interval.
        relative, relative_low, relative_high: The same as shares of the control's rate; None where
            that is 0.
    """

    difference: float
    error: float
    low: float
    high: float
    relative: float | None
    relative_low: float | None
    relative_high: float | None

    @property
    def significant(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0.0 or self.high < 0.0


def difference(control: RatioMoments, variant: RatioMoments, width: float) -> RateDifference:
    """Return the difference of two variants whose users are different people.

    Args:
        control: The variant that is compared with.
        variant: The other one.
        width: Half the interval in standard errors: 1.96 for 95 % at a horizon that was fixed
            before, that of ``confidence_sequence`` for any number of looks.
    """
    a, b = float(control.rate), float(variant.rate)
    error = math.hypot(float(control.error), float(variant.error))
    mean = b - a
    found = (mean, error, mean - width * error, mean + width * error)
    if a == 0.0:
        return RateDifference(*found, None, None, None)
    spread = math.hypot(float(variant.error), b / a * float(control.error)) / abs(a)
    relative = mean / abs(a)
    return RateDifference(*found, relative, relative - width * spread, relative + width * spread)
