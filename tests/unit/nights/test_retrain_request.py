from typing import Any

import pytest

from engine.data.online_trial import OnlineGateLimits
from engine.errors import UnknownModel, UsageError
from engine.evaluation.gate import GateLimits
from engine.evaluation.protocols import SingleSplit, Window
from engine.nights.retrain_request import BROKEN_INPUT, NightOutcome, NightSummary, RetrainRequest


def test_a_setting_with_the_name_of_a_model_is_for_that_model_alone() -> None:
    request = RetrainRequest(settings={"lightgcn.epochs": "3", "als.epochs": "9", "dimension": "8"})
    assert request.training("lightgcn").settings == {"epochs": "3", "dimension": "8"}
    assert request.training("als").settings == {"epochs": "9", "dimension": "8"}


def test_a_setting_of_the_ranker_is_for_that_of_every_candidate() -> None:
    request = RetrainRequest(settings={"ranker.leaves": "7", "als.ranker.leaves": "15"})
    assert request.training("lightgcn").settings == {"ranker.leaves": "7"}
    assert request.training("als").ranker_settings().leaves == 15


def test_a_candidate_is_cut_off_as_the_window_is() -> None:
    request = RetrainRequest(seed=7)
    asked = request.training("lightgcn", Window(5, 1, end=9))
    assert (asked.model, asked.judged_by, asked.seed) == ("lightgcn", Window(5, 1, end=9), 7)
    assert request.training("lightgcn").judged_by == SingleSplit("time", 0.2)


@pytest.mark.parametrize(
    "settings",
    [{"epoch": "3"}, {"epochs": "0"}, {"lightgcn.epochs": "x"}, {"als.alpha": "3"}],
)
def test_a_setting_that_cannot_be_trained_with_is_refused_first(settings: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        RetrainRequest(settings=settings).check()


def test_every_candidate_is_checked() -> None:
    RetrainRequest(models=("lightgcn", "lightgcn")).check()
    with pytest.raises(UnknownModel):
        RetrainRequest(models=("lightgcn", "word2vec")).check()


def test_only_the_same_request_continues_a_night() -> None:
    one = RetrainRequest(settings={"epochs": "3"})
    assert one.digest() == RetrainRequest(settings={"epochs": "3"}).digest()
    others = [
        RetrainRequest(settings={"epochs": "4"}),
        RetrainRequest(settings={"epochs": "3"}, seed=1),
        RetrainRequest(settings={"epochs": "3"}, warm=False),
        RetrainRequest(settings={"epochs": "3"}, ranker=False),
        RetrainRequest(settings={"epochs": "3"}, window_days=6.0),
        RetrainRequest(settings={"epochs": "3"}, protocol="next-basket"),
    ]
    assert len({one.digest(), *(other.digest() for other in others)}) == 7


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"protocol": "split"}, "not judged by the protocol split"),
        ({"protocol": "next-item"}, "--protocol next-item judges no ranker"),
        ({"limits": GateLimits(users=49)}, "must ask 50 users or more, not 49"),
        ({"limits": GateLimits(level_after_days=-1.0)}, "--level-after must be a number of days"),
        ({"limits": GateLimits(level_after_days=float("nan"))}, "0 or more, not nan"),
        ({"window_days": 0.0}, "--window must be a number of days above 0, up to 3650, not 0"),
        ({"window_days": float("nan")}, "not nan"),
        ({"window_days": 1e9}, r"not 1e\+09"),
    ],
)
def test_what_could_not_be_judged_is_refused_first(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        RetrainRequest(**asked).check()


def test_each_protocol_of_a_night_is_taken() -> None:
    for protocol in ("window", "next-basket"):
        RetrainRequest(protocol=protocol, limits=GateLimits(users=50)).check()
    RetrainRequest(protocol="next-item", ranker=False).check()


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("promoted", 0), ("plain-promoted", 0), ("on-trial", 10), ("kept", 10), ("nothing-new", 11)],
)
def test_the_exit_code_is_the_outcome_s_unless_a_file_was_held_back(
    outcome: NightOutcome, code: int
) -> None:
    fit, held = {"file": "a.csv", "held": None}, {"file": "b.csv", "held": "bad-rows"}
    assert NightSummary(1, outcome, files=[fit]).exit_code == code
    summary = NightSummary(1, outcome, files=[fit, held])
    assert summary.exit_code == BROKEN_INPUT
    assert summary.as_dict()["exit_code"] == BROKEN_INPUT


def test_how_a_candidate_goes_into_service_is_no_part_of_what_a_night_asks() -> None:
    asked = RetrainRequest()
    assert asked.digest() == RetrainRequest(online_gate=OnlineGateLimits()).digest()
    assert asked.digest() != RetrainRequest(seed=1).digest()
