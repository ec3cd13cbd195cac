"""The grammar of conditions; what passes is in tests/integration/publishing/test_rules.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.conditions import MAX_CONDITIONS, Condition, parse_where
from engine.data.rules import Rules
from engine.errors import UsageError


def test_a_text_becomes_values_and_never_a_part_of_a_statement() -> None:
    filters, conditions = parse_where(
        (
            *("kind=tea", "kind=a=b", "kind= tea", "kind = tea", "kind != tea"),
            *("price<=20", "stock > 0", "size<user.size", "x = user.y"),
        )
    )
    assert filters == {"kind": ("tea", "a=b", " tea", "tea")}
    assert conditions == (
        Condition("kind", "!=", "tea"),
        Condition("price", "<=", 20.0),
        Condition("stock", ">", 0.0),
        Condition("size", "<", of_user="size"),
        Condition("x", "=", of_user="y"),
    )
    assert Rules(conditions=conditions).values()["conditions"][1] == {
        "attribute": "price",
        "sign": "<=",
        "texts": None,
        "number": 20.0,
        "of_user": None,
    }


@pytest.mark.parametrize(
    "text",
    ["", "kind", "=tea", "kind=", "kind!= ", "<3", "price<", "price<=cheap", "price>nan", "a b=c"],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="where"):
        parse_where([text])


@pytest.mark.parametrize("name", ["embedding_g1", "", "x" * 257])
def test_what_cannot_be_asked_of_is_refused(name: str) -> None:
    for one in (Condition(name, "!=", "x"), Condition("kind", "=", of_user=name)):
        with pytest.raises(UsageError):
            Rules(conditions=(one,))
    with pytest.raises(UsageError, match="at most"):
        Rules(conditions=(Condition("kind", "!=", "x"),) * (MAX_CONDITIONS + 1))


@given(st.text(max_size=20), st.sampled_from(["<", "<=", ">", ">="]), st.floats(-1e6, 1e6))
def test_a_text_is_in_at_most_one_half_of_the_numbers(text: str, sign: str, bound: float) -> None:
    below, above = Condition("a", "<", bound), Condition("a", ">=", bound)
    assert not (below.holds({text}) and above.holds({text}))
    assert Condition("a", sign, bound).holds({"0", text}) or not Condition("a", sign, bound).holds(
        {"0"}
    )
