"""What serves next, on cases worked out by hand."""

import numpy as np
import pytest

from engine.evaluation.gate import GateLimits
from engine.evaluation.hold_out_window import WindowQuality
from engine.evaluation.promotion_decision import JudgedMethods, decide


def _worth(value: float, users: int = 100) -> WindowQuality:
    return WindowQuality(np.full(users, value), 0.5)


PLAIN = {"popular": _worth(0.05), "buy-again": _worth(0.10)}


def _decided(contest: JudgedMethods) -> tuple[str, str]:
    found = decide(contest, GateLimits(), lambda: np.random.default_rng(0))
    return found.serve, found.name


def test_the_best_of_those_that_passed_serves() -> None:
    candidates = {"a": _worth(0.3), "b": _worth(0.4), "c": _worth(0.9)}
    contest = JudgedMethods(candidates, frozenset("ab"), PLAIN, ("generation 1", _worth(0.2)))
    assert _decided(contest) == ("candidate", "b")


def test_nobody_passed_so_what_serves_goes_on() -> None:
    contest = JudgedMethods({"a": _worth(0.19)}, frozenset(), PLAIN, ("generation 1", _worth(0.2)))
    assert _decided(contest) == ("keep", "")


def test_a_plain_method_that_is_best_of_all_serves() -> None:
    plain = dict(PLAIN) | {"buy-again": _worth(0.5)}
    contest = JudgedMethods({"a": _worth(0.3)}, frozenset(), plain, ("generation 1", _worth(0.2)))
    assert _decided(contest) == ("plain", "buy-again")


def test_a_plain_method_that_serves_already_goes_on() -> None:
    contest = JudgedMethods(
        {"a": _worth(0.1)}, frozenset(), PLAIN, ("buy-again", PLAIN["buy-again"])
    )
    assert _decided(contest) == ("keep", "")


def test_a_plain_method_behind_a_candidate_that_broke_another_rule_does_not_serve() -> None:
    plain = dict(PLAIN) | {"buy-again": _worth(0.5)}
    contest = JudgedMethods({"a": _worth(0.6)}, frozenset(), plain, ("generation 1", _worth(0.2)))
    assert _decided(contest) == ("keep", "")


@pytest.mark.parametrize("users", [100, 10])
def test_where_nothing_serves_the_better_plain_method_does(users: int) -> None:
    plain = {"popular": _worth(0.05, users), "buy-again": _worth(0.10, users)}
    assert _decided(JudgedMethods({}, frozenset(), plain)) == ("plain", "buy-again")


def test_too_few_users_do_not_depose_what_serves() -> None:
    plain = {"popular": _worth(0.9, 10), "buy-again": _worth(0.1, 10)}
    contest = JudgedMethods({}, frozenset(), plain, ("generation 1", _worth(0.2, 10)))
    assert _decided(contest) == ("keep", "")


def test_what_cannot_be_judged_stays() -> None:
    contest = JudgedMethods({"a": _worth(0.9)}, frozenset("a"), PLAIN, None, unjudged=True)
    assert _decided(contest) == ("keep", "")
