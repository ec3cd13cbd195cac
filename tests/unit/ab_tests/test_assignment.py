"""Assignment: uniform, sticky, independent between experiments, the same in every process."""

import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
from scipy import stats

from engine.ab_tests.assignment import assigned, bucket, variant_of
from engine.data.experiment_definition import BUCKETS, Experiment, Variant

_SECRET, _OTHER = bytes(range(32)), bytes(range(1, 33))
_USERS = [f"user-{number}" for number in range(8_000)]


def _experiment(id_: int, first: int, end: int, secret: bytes = _SECRET) -> Experiment:
    variants = (Variant("a", 50.0, "serving"), Variant("b", 33.3, "serving"))
    return Experiment(
        id=id_,
        name=f"e{id_}",
        metric="conversion",
        layer="home",
        first_bucket=first,
        end_bucket=end,
        variants=(*variants, Variant("c", 16.7, "holdout")),
        days=None,
        started_at=datetime(2026, 8, 1, tzinfo=UTC),
        who="ann@shop",
        secret=secret,
    )


def test_users_are_spread_over_the_buckets_evenly() -> None:
    buckets = [bucket(_SECRET, "layer", user) for user in _USERS]
    assert max(buckets) < BUCKETS
    assert stats.chisquare(np.bincount(np.array(buckets) // 200, minlength=50)).pvalue > 0.001


def test_variants_get_their_shares_and_a_user_keeps_the_same_one() -> None:
    one = _experiment(1, 0, BUCKETS)
    names = [variant_of(one, user).name for user in _USERS]
    counts = [names.count(name) for name in "abc"]
    assert stats.chisquare(counts, np.array([0.5, 0.333, 0.167]) * len(_USERS)).pvalue > 0.001
    assert names == [variant_of(_experiment(1, 0, BUCKETS), user).name for user in _USERS]


def test_experiments_of_a_layer_share_no_user_and_leave_the_rest_alone() -> None:
    running = [_experiment(1, 0, 2_500), _experiment(2, 2_500, 5_000)]
    found = [assigned(running, "home", user) for user in _USERS]
    ids = [0 if one is None else one[0].id for one in found]
    assert stats.chisquare(np.bincount(ids), np.array([0.5, 0.25, 0.25]) * len(ids)).pvalue > 0.001
    for one, user in zip(found[:500], _USERS, strict=False):
        alone = [assigned([single], "home", user) for single in running]
        assert sum(other is not None for other in alone) == (one is not None)
    assert assigned(running, "cart", _USERS[0]) is None


def test_two_layers_and_two_experiments_after_another_are_independent() -> None:
    first = [variant_of(_experiment(1, 0, BUCKETS), user).name for user in _USERS]
    for other in (_experiment(2, 0, BUCKETS), _experiment(1, 0, BUCKETS, _OTHER)):
        second = [variant_of(other, user).name for user in _USERS]
        pairs = np.zeros((3, 3))
        for one, two in zip(first, second, strict=True):
            pairs["abc".index(one), "abc".index(two)] += 1
        assert stats.chi2_contingency(pairs).pvalue > 0.001


def test_another_process_answers_the_same() -> None:
    code = (
        "from engine.ab_tests.assignment import bucket\n"
        "print([bucket(bytes(range(32)), 'layer', f'Zoë-{n}') for n in range(50)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([bucket(_SECRET, "layer", f"Zoë-{n}") for n in range(50)])
