"""A parameter's declaration is a contract: what is not allowed is refused by name."""

from typing import Any

import pytest

from engine.errors import StoreError, UsageError
from engine.store.parameters import REQUIRED, Parameter, arguments, declared

LINE = (
    "user: STRING of User, k: INTEGER = 10 in 1..1000, damping: FLOAT = 0.85 in 0..1, "
    'filters: MAP = {"a": [1, 2]}, ids: LIST<STRING> = [], deep: LIST<LIST<INTEGER>>, '
    "now: INTEGER = null, above: FLOAT = 1 in 0.5.."
)


def test_a_declaration_is_read_whole() -> None:
    found = declared("x/y", LINE)
    assert list(found) == ["user", "k", "damping", "filters", "ids", "deep", "now", "above"]
    assert found["user"] == Parameter("user", "STRING", label="User")
    assert found["k"] == Parameter("k", "INTEGER", 10, 1, 1000)
    assert found["filters"].default == {"a": [1, 2]}
    assert found["deep"].kind == "LIST<LIST<INTEGER>>"
    assert found["deep"].default is REQUIRED
    assert found["above"] == Parameter("above", "FLOAT", 1, 0.5, None)
    assert declared("x/y", "none") == {}


def test_a_declaration_is_written_as_it_was_read() -> None:
    for name, one in declared("x/y", LINE).items():
        assert declared("x/y", one.as_text())[name] == one


@pytest.mark.parametrize(
    "line", ["k", "k: integer", "k: INTEGER =", "k: INTEGER = x", "k: INTEGER in 1.2.3.."]
)
def test_a_declaration_that_is_none_is_our_mistake(line: str) -> None:
    with pytest.raises(StoreError, match="not understood"):
        declared("x/y", line)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("user", "7", "7"),
        ("k", "7", 7),
        ("damping", "1", 1.0),
        ("ids", "a, b", ["a", "b"]),
        ("ids", '["a,b"]', ["a,b"]),
        ("ids", "", []),
        ("deep", "[[1], [2, 3]]", [[1], [2, 3]]),
        ("filters", "{}", {}),
        ("now", "null", None),
    ],
)
def test_text_becomes_a_value(name: str, text: str, value: object) -> None:
    assert declared("x/y", LINE)[name].read(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("k", "0"),
        ("k", "-1"),
        ("k", "1001"),
        ("k", "ten"),
        ("k", "1.5"),
        ("k", "true"),
        ("k", "null"),
        ("damping", "1.01"),
        ("damping", "-0.1"),
        ("damping", "NaN"),
        ("damping", "Infinity"),
        ("above", "0"),
        ("ids", "[1]"),
        ("deep", "[1]"),
        ("filters", "[]"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(UsageError, match=f"parameter {name} must be"):
        declared("x/y", LINE)[name].read(text)


def test_every_parameter_gets_a_value() -> None:
    parameters = declared("x/y", "user: STRING, k: INTEGER = 10 in 1..1000")
    assert arguments("x/y", parameters, {"user": "a"}) == {"user": "a", "k": 10}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "needs parameter user"),
        ({"user": "a", "K": 1}, "has no parameter K"),
        ({"user": 1}, "parameter user must be text"),
        ({"user": None}, "parameter user must be text"),
        ({"user": "a", "k": 0}, "from 1 up to 1000, not 0"),
    ],
)
def test_arguments_are_checked(given: dict[str, Any], said: str) -> None:
    parameters = declared("x/y", "user: STRING, k: INTEGER = 10 in 1..1000")
    with pytest.raises(UsageError, match=said):
        arguments("x/y", parameters, given)
