"""``engine retrain``: wrong requests are refused before a database starts; nights are listed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import cli

from .refusal import refused


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--model", "no-such"], "no-such"),
        (["--set", "epochs"], "--set 'epochs' is not NAME=VALUE"),
        (["--set", "lightgcn.no_such=1"], "no_such"),
        (["--from", "no-such-folder"], "no such folder"),
    ],
)
def test_a_wrong_request_is_refused(arguments: list[str], says: str) -> None:
    assert says in refused("retrain", *arguments).message


def test_where_no_night_was_none_is_listed(tmp_path: Path) -> None:
    words = ["--home", str(tmp_path), "retrain", "--nights"]
    assert json.loads(CliRunner().invoke(cli, [*words, "--json"]).stdout) == []
    assert "Next: engine retrain" in CliRunner().invoke(cli, words).stderr
