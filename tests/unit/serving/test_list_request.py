"""A list asked for as a body is the question that the engine knows, or is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from engine.answering.sources import Sources
from engine.data.conditions import Condition
from engine.graph.lists.question import Arrangement, Boost, Question
from engine.serving.list_request import ListRequest, UserListsRequest

WHOLE: dict[str, Any] = {
    "user": "u",
    "by": "because",
    "blend": "for-you",
    "fallback": ["popular"],
    "k": 6,
    "exclude_seen": False,
    "seen_days": 30.0,
    "seen_events": ["buy"],
    "filters": {"kind": ["tea"]},
    "where": ["size=L", "price<=20"],
    "facts": {"Brand": ["1", "2"]},
    "allow": ["a"],
    "block": ["b"],
    "candidates": ["c"],
    "pins": ["p"],
    "boosts": [{"factor": 2.0, "value": "i"}, {"factor": 0.5, "value": "tea", "trait": "kind"}],
    "mmr": 0.7,
    "at_most": {"trait": "kind", "n": 3},
    "damping": 0.5,
    "return": ["name", "price"],
}


def test_every_option_has_its_place() -> None:
    asked = ListRequest(**WHOLE)
    assert asked.question() == Question(
        k=6,
        exclude_seen=False,
        filters={"size": ("L",), "kind": ("tea",)},
        conditions=(Condition("price", "<=", 20.0),),
        seen_days=30.0,
        seen_events=("buy",),
        facts={"Brand": ["1", "2"]},
        allow=("a",),
        block=("b",),
        candidates=("c",),
        arrangement=Arrangement(
            pins=("p",),
            boosts=(Boost(2.0, "i", None), Boost(0.5, "tea", "kind")),
            mmr=0.7,
            at_most=("kind", 3),
            damping=0.5,
        ),
        attributes=("name", "price"),
    )
    assert asked.sources() == Sources("because", "for-you", ("popular",), (), None)


def test_nothing_given_is_the_plain_question() -> None:
    assert ListRequest().question() == Question(k=10)
    assert ListRequest().sources() == Sources("for-you")


@pytest.mark.parametrize(
    "wrong",
    [
        {"by": "best"}, {"k": 0}, {"k": 101}, {"k": "10"}, {"k": True}, {"user": ""},
        {"facts": {"brand": ["1"]}}, {"facts": {"Brand`": ["1"]}}, {"facts": {"Brand": []}},
        {"filters": {"Kind": ["tea"]}}, {"filters": {"kind": []}}, {"allow": [""]},
        {"block": ["x\x1b"]}, {"pins": "p"}, {"boosts": [{"factor": -1.0, "value": "i"}]},
        {"boosts": [{"factor": float("nan"), "value": "i"}]}, {"mmr": 1.5}, {"damping": -0.1},
        {"at_most": {"trait": "kind"}}, {"seen_days": -1.0}, {"likes": ["i"] * 51},
        {"block": ["i"] * 1_001}, {"fallback": ["popular"] * 6}, {"is_admin": True},
        {"return": "name"}, {"return": ["Price"]}, {"return": ["a"] * 21}, {"attributes": ["name"]},
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ListRequest(**wrong)


def test_many_users_are_asked_about_with_the_options_of_one() -> None:
    options = {name: value for name, value in WHOLE.items() if name != "user"}
    asked = UserListsRequest(users=["u", "v"], **options)
    assert asked.question() == ListRequest(**WHOLE).question()
    assert asked.sources() == ListRequest(**WHOLE).sources()
    for users in ([], ["u"] * 101, [""], "u", None):
        with pytest.raises(ValidationError, match="users"):
            UserListsRequest(users=users)  # type: ignore[arg-type]
