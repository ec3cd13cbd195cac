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


@pytest.mark.parametrize(("users", "serves"), [(50, "buy-again"), (49, "popular"), (0, "popular")])
def test_where_nothing_serves_the_better_plain_method_does_if_that_can_be_told(
    users: int, serves: str
) -> None:
    plain = {"buy-again": _worth(0.10, users), "popular": _worth(0.05, users)}
    contest = JudgedMethods({}, frozenset(), plain)
    assert _decided(contest) == ("plain", serves)
    if users < 50:
        found = decide(contest, GateLimits(), lambda: np.random.default_rng(0))
        said = f"Too few users to tell ({users}), and nothing is in service: popular serves."
        assert found.message == said


def test_too_few_users_do_not_depose_what_serves() -> None:
    plain = {"popular": _worth(0.9, 10), "buy-again": _worth(0.1, 10)}
    contest = JudgedMethods({}, frozenset(), plain, ("generation 1", _worth(0.2, 10)))
    assert _decided(contest) == ("keep", "")


def test_what_cannot_be_judged_stays() -> None:
    contest = JudgedMethods({"a": _worth(0.9)}, frozenset("a"), PLAIN, None, unjudged=True)
    assert _decided(contest) == ("keep", "")


def test_each_decision_says_why_in_one_sentence() -> None:
    serving, candidates = ("generation 1", _worth(0.2)), {"a": _worth(0.3), "b": _worth(0.25)}
    better = dict(PLAIN) | {"buy-again": _worth(0.5)}
    contests = [
        JudgedMethods(candidates, frozenset("a"), PLAIN, None, unjudged=True),
        JudgedMethods(candidates, frozenset("ab"), PLAIN, serving),
        JudgedMethods(candidates, frozenset(), PLAIN),
        JudgedMethods(candidates, frozenset(), better, serving),
        JudgedMethods(candidates, frozenset(), PLAIN, serving),
    ]
    found = [decide(one, GateLimits(), lambda: np.random.default_rng(0)) for one in contests]
    assert [(one.serve, one.name, one.message) for one in found] == [
        ("keep", "", "What is in service cannot be judged, so it stays."),
        ("candidate", "a", "a passed with ndcg@20 0.3000."),
        ("plain", "buy-again", "No candidate passed and nothing is in service: buy-again serves."),
        (
            "plain",
            "buy-again",
            "buy-again predicts best of all: 0.5000 against 0.2000 of generation 1.",
        ),
        ("keep", "", "No candidate passed: generation 1 serves on."),
    ]


def test_a_plain_method_level_with_a_refused_candidate_serves_over_just_enough_users() -> None:
    plain = {"popular": _worth(0.5, 50)}
    contest = JudgedMethods(
        {"a": _worth(0.5, 50)}, frozenset(), plain, ("generation 1", _worth(0.2, 50))
    )
    assert _decided(contest) == ("plain", "popular")
    fewer = {name: WindowQuality(one.values[:49], 0.5) for name, one in plain.items()}
    now = ("generation 1", _worth(0.2, 49))
    assert _decided(JudgedMethods({}, frozenset(), fewer, now)) == ("keep", "")
