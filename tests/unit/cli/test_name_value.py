"""Texts such as NAME=VALUE are split, or it is said what they should look like."""

import pytest

from engine.cli.name_value import literal_pairs, pairs, split_factor, split_names
from engine.errors import UsageError


def test_a_pair_is_split_at_the_first_sign() -> None:
    assert pairs(["k=5", " one = a=b "], "--set", "k=1") == {"k": "5", "one": "a=b"}


def test_of_a_name_given_twice_the_last_counts() -> None:
    assert pairs(["k=1", "k=2"], "--set", "k=1") == {"k": "2"}


def test_a_literal_value_stays_as_it_is() -> None:
    given = ["k= 5 ", " one =a=b", "empty="]
    assert literal_pairs(given, "--param", "k=1") == {"k": " 5 ", "one": "a=b", "empty": ""}


def test_a_literal_name_stands_once() -> None:
    with pytest.raises(UsageError, match="--param k is given twice"):
        literal_pairs(["k=1", "k=2"], "--param", "k=1")


@pytest.mark.parametrize("text", ["k", "=5", " =5", "k="])
def test_what_is_no_pair_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="is not NAME=VALUE") as refused:
        pairs([text], "--set", "epochs=20")
    assert refused.value.hint == "write --set epochs=20"


def test_a_factor_stands_after_the_last_sign() -> None:
    assert split_factor("a=b=0.5", "--boost", "a=2") == ("a=b", 0.5)


@pytest.mark.parametrize(("text", "says"), [("2", "has no factor"), ("a=two", "'two' is not a")])
def test_what_is_no_factor_is_refused_with_an_example(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as refused:
        split_factor(text, "--weight", "buy=3")
    assert refused.value.hint == "write --weight buy=3"


def test_names_stand_between_commas() -> None:
    assert split_names(" events, items ,,users,") == ["events", "items", "users"]
    assert split_names("") == []
