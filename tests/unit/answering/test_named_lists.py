"""A list under a name: what it may say, and which of two counts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.answering.named_lists import checked, find, named_lists
from engine.answering.sources import Sources
from engine.errors import NotFound, UsageError
from engine.graph.lists.question import Arrangement, Boost, Question
from engine.graph.stored_lists import ListChange

_AT = datetime(2026, 8, 1, tzinfo=UTC)


def test_its_options_are_those_of_a_request() -> None:
    options = {
        "by": "next",
        "fallback": ["popular"],
        "k": 12,
        "where": {"category": ["tea"]},
        "boosts": {"mug": 2.0, ("category", "tea"): 0.5},
        "at_most": {"category": 2},
    }
    stored = checked("cart", options)
    one = named_lists({}, [ListChange("cart", stored, _AT, "ann@shop", 1)])["cart"]
    boosts = (Boost(2.0, "mug"), Boost(0.5, "tea", "category"))
    question = Question(
        k=12,
        filters={"category": ("tea",)},
        arrangement=Arrangement(boosts=boosts, at_most=("category", 2)),
    )
    assert one.request() == (question, Sources("next", fallback=("popular",)))
    assert one.request(3)[0].k == 3
    # Who says nothing gets what a request that says nothing gets.
    nothing = named_lists({"front": {}}, [])["front"]
    assert nothing.request() == (Question(), Sources())


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("Cart!", {}, "a list cannot be named 'Cart!'"),
        ("cart", {"colour": "red"}, "the list cart: a list has no option colour"),
        ("cart", {"k": 0}, "the list cart: k must be a whole number from 1 to 1000"),
        ("cart", {"by": "nothing"}, "the list cart: by must be one of"),
        ("cart", {"mmr": 7}, "the list cart: mmr"),
        ("cart", {"where": "tea"}, "the list cart: where 'tea' is no condition"),
        ("cart", {"where": 7}, "the list cart: an option has a value of the wrong kind"),
        ("cart", {"fallback": 3}, "the list cart: an option has a value of the wrong kind"),
        ("cart", {"k": "12"}, "the list cart: k must be a whole number"),
    ],
)
def test_what_a_request_may_not_say_no_list_may(
    name: str, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(UsageError) as refused:
        checked(name, options)
    assert refused.value.message.startswith(says)
    assert refused.value.hint or "must" in refused.value.message


def test_the_graph_wins_over_the_file() -> None:
    of_file: dict[str, dict[str, Any]] = {"cart": {"k": 3}, "front": {"by": "trending"}}
    known = named_lists(of_file, [ListChange("cart", {"k": 5}, _AT, "ann@shop", 4)])
    assert list(known) == ["cart", "front"]
    assert (known["cart"].options, known["cart"].defined_in) == ({"k": 5}, "graph")
    assert (known["cart"].who, known["cart"].changed_at) == ("ann@shop", _AT)
    assert (known["front"].defined_in, known["front"].who) == ("engine.toml", None)
    with pytest.raises(NotFound) as missing:
        find(known, "basket")
    assert missing.value.message == "there is no list named basket"
    assert missing.value.hint.startswith("there are cart, front; engine lists set basket")
