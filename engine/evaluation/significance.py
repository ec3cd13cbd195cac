"""Is the difference real: a paired bootstrap over users, or over users and cuts.

In memory that does not grow with the users.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from engine.data.arrays import Float64Array, Int64Array

_CELLS_PER_BATCH = 1_000_000
_MOST_RESAMPLED = 5_000
"""With more users the interval is computed: it equals the resampled one to the fourth digit."""


@dataclass(frozen=True)
class Difference:
    """Mean difference of two methods on the same users, with its confidence interval.

    Attributes:
        users: Different users, however often each was asked.
        by_cut: The mean of each cut, oldest first; nothing where there is one cut or none.
    """

    mean: float
    low: float
    high: float
    users: int
    by_cut: tuple[float, ...] = ()

    @property
    def better(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low > 0.0

    @property
    def asked(self) -> str:
        """Over what the mean was taken, in words; of several cuts, how many have a positive one."""
        if not self.by_cut:
            return f"{self.users} users"
        above = sum(one > 0 for one in self.by_cut)
        return f"{self.users} users and {len(self.by_cut)} cuts, above 0 at {above} of them"


def paired_bootstrap(
    ours: Float64Array,
    theirs: Float64Array,
    generator: np.random.Generator,
    *,
    draws: int = 5_000,
    confidence: float = 0.95,
) -> Difference:
    """Return the mean of ``ours - theirs`` and the percentile interval over resampled users.

    Up to 5,000 users are resampled ``draws`` times, some of the draws at once. With more, the
    quantiles of the resampled mean follow from its first three moments (Cornish and Fisher 1938).
    """
    difference = ours - theirs
    count = len(difference)
    if count == 0:
        return Difference(0.0, 0.0, 0.0, 0)
    mean, tail = float(difference.mean()), (1.0 - confidence) / 2.0
    if count > _MOST_RESAMPLED:
        low, high = (mean + float(offset) for offset in _offsets(difference - mean, tail))
        return Difference(mean, low, high, count)
    at_once = max(1, _CELLS_PER_BATCH // count)
    means = np.concatenate(
        [
            difference[generator.integers(0, count, (min(at_once, draws - done), count))].mean(
                axis=1
            )
            for done in range(0, draws, at_once)
        ]
    )
    low, high = np.quantile(means, (tail, 1.0 - tail))
    return Difference(mean, float(low), float(high), count)


def two_way_bootstrap(
    difference: Float64Array,
    users: Int64Array,
    cuts: Int64Array,
    generator: np.random.Generator,
    *,
    draws: int = 5_000,
    confidence: float = 0.95,
) -> Difference:
    """Return the mean of values of users at cuts, with an interval over users and over cuts.

    The pigeonhole bootstrap (Owen 2007, "The pigeonhole bootstrap", Annals of Applied Statistics
    1(2); Owen and Eckles 2012): users are drawn with replacement, each with all its cuts, cuts are
    drawn with replacement independently, and a value counts as often as its user times its cut.
    It is mildly conservative where both matter. Four cuts tell roughly how figures differ from one
    to the next: their own means stand in ``by_cut``. With one cut it is ``paired_bootstrap``.

    Args:
        difference: ``(n,)``, ours - theirs of one user at one cut.
        users: ``(n,)``, the user of each value.
        cuts: ``(n,)``, the cut of each value, 0 for the oldest.
        generator: Draws users and cuts.
        draws: How often.
        confidence: Of the percentile interval.
    """
    rows, row = np.unique(users, return_inverse=True)
    columns, column = np.unique(cuts, return_inverse=True)
    if len(columns) < 2:
        return paired_bootstrap(
            difference,
            np.zeros_like(difference),
            generator,
            draws=draws,
            confidence=confidence,
        )
    table = np.zeros((len(rows), 2 * len(columns)))  # sums, then counts, of each user at each cut
    np.add.at(table, (row, column), difference)
    np.add.at(table, (row, column + len(columns)), 1.0)
    sums, counts = np.split(_resampled_sums(table, generator, draws), 2, axis=1)
    times = generator.multinomial(len(columns), np.full(len(columns), 1 / len(columns)), draws)
    asked = (times * counts).sum(axis=1)
    means = ((times * sums).sum(axis=1) / np.where(asked > 0, asked, 1.0))[asked > 0]
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(means, (tail, 1.0 - tail))
    totals, numbers = np.split(table.sum(axis=0), 2)
    by_cut = tuple((totals / numbers).tolist())
    return Difference(float(difference.mean()), float(low), float(high), len(rows), by_cut)


def _resampled_sums(
    table: Float64Array, generator: np.random.Generator, draws: int
) -> Float64Array:
    """Return the column sums of tables of rows drawn with replacement, ``(draws, n_columns)``.

    With more than 5,000 rows they are drawn from the normal distribution that such sums have.
    """
    count = len(table)
    if count > _MOST_RESAMPLED:
        spread = np.cov(table, rowvar=False, bias=True) * count
        return generator.multivariate_normal(table.sum(axis=0), spread, draws, method="eigh")
    at_once = max(1, _CELLS_PER_BATCH // count)
    sums = []
    for done in range(0, draws, at_once):
        some = min(at_once, draws - done)
        drawn = generator.integers(0, count, (some, count))
        drawn += count * np.arange(some)[:, None]
        times = np.bincount(drawn.ravel(), minlength=some * count).reshape(some, count)
        sums.append(times @ table)
    return np.concatenate(sums)


def _offsets(centred: Float64Array, tail: float) -> tuple[float, float]:
    """Return how far the two quantiles of the resampled mean lie from the mean.

    A resampled mean has the variance s²/n and the skewness g/√n of the users' values: the quantile
    to z is s/√n · (z + g/√n · (z² - 1)/6).
    """
    count = len(centred)
    deviation = float(np.sqrt(np.mean(centred**2)))
    if deviation == 0.0:
        return 0.0, 0.0
    error = deviation / np.sqrt(count)
    skewness = float(np.mean((centred / deviation) ** 3)) / np.sqrt(count)
    z = NormalDist().inv_cdf(1.0 - tail)
    lean = skewness * (z**2 - 1.0) / 6.0
    return error * (lean - z), error * (lean + z)
