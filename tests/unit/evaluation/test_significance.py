import tracemalloc

import numpy as np
import numpy.typing as npt
import pytest

from engine.evaluation.significance import Difference, paired_bootstrap, two_way_bootstrap


def test_interval_equals_the_normal_one_on_many_users() -> None:
    generator = np.random.default_rng(0)
    ours, theirs = generator.normal(0.3, 1, 2_000), np.zeros(2_000)
    found = paired_bootstrap(ours, theirs, generator)
    error = ours.std(ddof=1) / np.sqrt(len(ours))
    assert found.mean == pytest.approx(ours.mean())
    assert found.low == pytest.approx(ours.mean() - 1.96 * error, abs=0.1 * error)
    assert found.high == pytest.approx(ours.mean() + 1.96 * error, abs=0.1 * error)
    assert found.better


def test_equal_methods_are_not_better() -> None:
    same = np.ones(10)
    assert not paired_bootstrap(same, same, np.random.default_rng(0)).better


def test_no_users_no_claim() -> None:
    assert not paired_bootstrap(np.empty(0), np.empty(0), np.random.default_rng(0)).better


@pytest.mark.parametrize("confidence", [0.95, 0.99])
def test_the_interval_of_many_users_is_that_of_resampling_them(confidence: float) -> None:
    """Gains of a few users beside small losses of many: as skewed as differences of ndcg are."""
    generator = np.random.default_rng(3)
    gains = np.where(generator.random(20_000) < 0.04, generator.beta(2, 2, 20_000), 0.0)
    ours = gains - np.where(generator.random(20_000) < 0.3, generator.beta(1, 30, 20_000), 0.0)
    found = paired_bootstrap(ours, np.zeros(20_000), generator, confidence=confidence)
    means = [ours[generator.integers(0, 20_000, (50, 20_000))].mean(axis=1) for _ in range(80)]
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(np.concatenate(means), (tail, 1.0 - tail))
    # Four thousand draws leave their quantiles an error of about this.
    error = 3 * ours.std() / np.sqrt(20_000) / np.sqrt(4_000 * tail)
    assert found.low == pytest.approx(low, abs=error)
    assert found.high == pytest.approx(high, abs=error)
    assert (found.high - found.mean) > 1.005 * (found.mean - found.low)


def test_memory_does_not_grow_with_the_users() -> None:
    peaks = []
    for users in (4_000, 400_000):
        ours, theirs = np.random.default_rng(0).random((2, users))
        tracemalloc.start()
        paired_bootstrap(ours, theirs, np.random.default_rng(0))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < 32 * 2**20


def test_users_who_all_differ_alike_leave_no_doubt() -> None:
    found = paired_bootstrap(np.full(6_000, 0.5), np.zeros(6_000), np.random.default_rng(0))
    assert (found.low, found.mean, found.high) == (0.5, 0.5, 0.5)


def crossed(
    users: int, cuts: int, of_cut: float, missing: float = 0.3, seed: int = 5
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Values of users at cuts, some of them missing: a user's own part, a cut's, and noise."""
    draw = np.random.default_rng(seed)
    user, cut = np.divmod(np.arange(users * cuts), cuts)
    values = draw.normal(0.1, 1, users)[user] + draw.normal(0, of_cut, cuts)[cut]
    values += draw.normal(0, 0.5, len(user))
    kept = draw.random(len(user)) >= missing
    return values[kept], user[kept], cut[kept]


def by_brute_force(
    values: npt.NDArray[np.float64],
    user: npt.NDArray[np.int64],
    cut: npt.NDArray[np.int64],
    draws: int,
) -> npt.NDArray[np.float64]:
    """Means over drawn users and drawn cuts, each value written down as often as it was drawn."""
    draw, means = np.random.default_rng(9), []
    rows = [np.flatnonzero(user == one) for one in np.unique(user)]
    cuts = np.unique(cut)
    for _ in range(draws):
        chosen = np.concatenate([rows[one] for one in draw.integers(0, len(rows), len(rows))])
        drawn = draw.choice(cuts, len(cuts))
        means.append(np.concatenate([values[chosen[cut[chosen] == one]] for one in drawn]).mean())
    return np.array(means)


@pytest.mark.parametrize("of_cut", [0.0, 0.4])
def test_the_interval_over_users_and_cuts_is_that_of_drawing_both(of_cut: float) -> None:
    values, user, cut = crossed(120, 5, of_cut)
    found = two_way_bootstrap(values, user, cut, np.random.default_rng(1))
    means = by_brute_force(values, user, cut, 3_000)
    assert found.mean == pytest.approx(values.mean())
    assert found.users == len(np.unique(user))
    assert found.by_cut == pytest.approx([values[cut == one].mean() for one in range(5)])
    for ours, theirs in zip(
        (found.low, found.high), np.quantile(means, (0.025, 0.975)), strict=True
    ):
        assert ours == pytest.approx(theirs, abs=0.1 * means.std())


def test_cuts_that_differ_widen_the_interval_and_a_users_cuts_are_no_other_users() -> None:
    def width(of_cut: float) -> float:
        found = two_way_bootstrap(*crossed(400, 4, of_cut), np.random.default_rng(1))
        return found.high - found.low

    assert width(0.5) > 2 * width(0.0)
    values, user, cut = crossed(200, 4, 0.0, missing=0.0)
    together = two_way_bootstrap(values, user, cut, np.random.default_rng(1))
    apart = paired_bootstrap(values, np.zeros_like(values), np.random.default_rng(1))
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_many_users_have_the_interval_that_fewer_draws_of_them_have() -> None:
    values, user, cut = crossed(6_000, 4, 0.02)
    found = two_way_bootstrap(values, user, cut, np.random.default_rng(1))
    means = by_brute_force(values, user, cut, 400)
    spread = means.std()
    assert found.low == pytest.approx(np.quantile(means, 0.025), abs=0.5 * spread)
    assert found.high == pytest.approx(np.quantile(means, 0.975), abs=0.5 * spread)


def test_one_cut_is_the_bootstrap_over_users() -> None:
    values, user, _ = crossed(60, 1, 0.0, missing=0.0)
    one = two_way_bootstrap(values, user, np.full(len(values), 3), np.random.default_rng(2))
    assert one == paired_bootstrap(values, np.zeros_like(values), np.random.default_rng(2))
    assert one.by_cut == ()
    assert one.asked == "60 users"
    several = Difference(0.1, 0.0, 0.2, 60, (0.2, -0.1, 0.1))
    assert several.asked == "60 users and 3 cuts, above 0 at 2 of them"
