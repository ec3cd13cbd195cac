"""``engine query``: parameters as texts, rows as CSV that no spreadsheet takes for a formula."""

from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli import cli
from engine.cli.query import _field


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
