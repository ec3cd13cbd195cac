"""What may be asked: bounds on everything, and a message that names what is out of them."""

from typing import Any

import pytest

from engine.data.conditions import Condition
from engine.errors import UsageError
from engine.graph.lists.question import Arrangement, Boost, Question

_LONG = tuple(f"i{n}" for n in range(1_001))
_DAY = 86_400_000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("k", 0),
        ("k", 1_001),
        ("allow", _LONG),
        ("block", _LONG),
        ("candidates", _LONG),
        ("block", "green-tea"),
        ("block", ("x" * 257,)),
        ("block", ("",)),
        ("block", (7,)),
        ("block", ("\ud800",)),
        ("seen_events", (None,)),
        ("seen_days", -1.0),
        ("seen_days", float("nan")),
        ("seen_days", float("inf")),
        ("seen_days", "7"),
        ("seen_days", True),
        ("facts", {"Category": _LONG}),
        ("facts", {"": ["tea"]}),
        ("facts", {f"T{n}": ["x"] for n in range(21)}),
        ("filters", {f"t{n}": ["x"] for n in range(21)}),
        ("attributes", tuple(f"t{n}" for n in range(21))),
        ("attributes", ("embedding_g3",)),
        ("attributes", ("batch",)),
        ("attributes", ("Price",)),
        ("attributes", ("",)),
        ("explore", 1.1),
        ("explore", float("nan")),
    ],
)
def test_a_question_out_of_bounds_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(UsageError, match=name):
        Question(**{name: value})


def test_what_is_explored_may_be_of_any_value() -> None:
    with pytest.raises(UsageError, match="explore and at_most do not go together"):
        Question(explore=0.1, arrangement=Arrangement(at_most=("kind", 2)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pins", _LONG),
        ("boosts", tuple(Boost(1.0, f"i{n}") for n in range(21))),
        ("boosts", (Boost(-1.0, "i"),)),
        ("boosts", (Boost(1_001.0, "i"),)),
        ("boosts", (Boost(float("nan"), "i"),)),
        ("boosts", (Boost(2.0, "tea", "x" * 257),)),
        ("mmr", 1.1),
        ("mmr", -0.1),
        ("at_most", ("kind", 0)),
        ("at_most", ("kind", 1.5)),
        ("at_most", ("", 1)),
        ("damping", 2),
    ],
)
def test_an_arrangement_out_of_bounds_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(UsageError, match=name):
        Arrangement(**{name: value})


def test_the_parameters_of_every_query() -> None:
    asked = Question(
        now=10 * _DAY,
        seen_days=2.5,
        seen_events=("buy",),
        facts={"Category": ["tea", "rum"], "Brand": ["7"]},
        allow=("a", "b", "c"),
        candidates=("d", "c", "b"),
        block=("z",),
        conditions=(Condition("price", "<=", 20.0),),
    ).parameters()
    assert asked == {
        "k": 10,
        "exclude_seen": True,
        "seen_since": int(7.5 * _DAY),
        "seen_events": ["buy"],
        "shown_since": None,
        "filters": {},
        "conditions": [
            {"attribute": "price", "sign": "<=", "texts": None, "number": 20.0, "of_user": None}
        ],
        "facts": [["Category:tea", "Category:rum"], ["Brand:7"]],
        "block": ["z"],
        "only": ["c", "b"],
        "now": 10 * _DAY,
    }
    plain = Question().parameters()
    assert (plain["only"], plain["seen_since"], plain["seen_events"]) == (None, None, None)
    assert Question(allow=()).parameters()["only"] == []


def test_an_arrangement_says_whether_there_is_one_and_what_it_looks_at() -> None:
    assert not Arrangement()
    how = Arrangement(boosts=(Boost(2.0, "tea", "kind"), Boost(2.0, "i1")), at_most=("Brand", 2))
    assert how
    assert how.traits == ["Brand", "kind"]
