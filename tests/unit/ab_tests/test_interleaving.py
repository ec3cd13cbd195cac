"""A preference between two lists, where there is one."""

from math import comb

import numpy as np
import pytest

from engine.ab_tests.interleaving import preference
from engine.ab_tests.team_draft import team_draft


def test_users_who_choose_at_random_prefer_neither_list() -> None:
    generator = np.random.default_rng(12)
    credit = {"a": np.zeros(600), "b": np.zeros(600)}
    for user in range(600):
        drafted = team_draft(
            [f"i{n}" for n in range(20)], [f"i{20 - n}" for n in range(20)], 10, generator
        )
        for one in drafted:
            credit[one.team][user] += generator.random() < 0.2
    found = preference(credit["a"], credit["b"])
    assert found.p > 0.01
    assert found.low < 0.5 < found.high


def test_the_sign_test_is_the_binomial_of_those_who_chose_more_of_one() -> None:
    found = preference(np.array([2.0] * 4 + [0] * 14 + [1, 0]), np.array([1.0] * 18 + [1, 0]))
    assert (found.for_a, found.for_b, found.ties) == (4, 14, 1)
    assert found.preference == pytest.approx(14.5 / 19)
    assert found.p == pytest.approx(2 * sum(comb(18, n) for n in range(5)) / 2**18)
    # Wilson (1927), by his formula.
    share, z = 14 / 18, 1.959964
    middle = (share + z**2 / 36) / (1 + z**2 / 18)
    half = z * np.sqrt(share * (1 - share) / 18 + z**2 / (4 * 18**2)) / (1 + z**2 / 18)
    assert (found.low, found.high) == pytest.approx((middle - half, middle + half))
    assert preference(np.zeros(3), np.zeros(3)).p == 1.0
