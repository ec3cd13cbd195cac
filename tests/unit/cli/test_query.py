"""``engine query``: parameters as texts, rows as CSV that no spreadsheet takes for a formula."""

from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli import cli
from engine.cli.query import _field, pairs
from engine.errors import UsageError


def test_parameters_are_split_at_the_first_sign() -> None:
    assert pairs(["k=5", " one =a=b", "empty="]) == {"k": "5", "one": "a=b", "empty": ""}


@pytest.mark.parametrize(("given", "says"), [(["k"], "NAME=VALUE"), (["=5"], "NAME=VALUE")])
def test_what_is_no_parameter_is_told(given: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        pairs(given)


def test_a_parameter_stands_once() -> None:
    with pytest.raises(UsageError, match="given twice"):
        pairs(["k=1", "k=2"])


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (["a", 1], '["a", 1]'),
        ({"é": None}, '{"é": null}'),
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("-5", "'-5"),
        (-5, -5),
        (None, None),
        ("tea", "tea"),
    ],
)
def test_a_field_of_csv_is_no_formula(value: Any, field: Any) -> None:
    assert _field(value) == field


def test_a_query_is_shown_with_what_it_asks_for() -> None:
    done = CliRunner().invoke(cli, ["query", "show", "similarity/jaccard"])
    assert done.exit_code == 0
    assert "MATCH" in done.stdout
    assert ":param k" in done.stdout
