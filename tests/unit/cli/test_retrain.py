"""``engine retrain``: wrong requests are refused before a database starts; nights are listed."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from engine.cli import cli, retrain
from engine.usecases import retraining

from .refusal import refused


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--model", "no-such"], "no-such"),
        (["--set", "epochs"], "--set 'epochs' is not NAME=VALUE"),
        (["--set", "lightgcn.no_such=1"], "no_such"),
        (["--from", "no-such-folder"], "no such folder"),
        (["--protocol", "next-item"], "--protocol next-item judges no ranker"),
        (["--protocol", "next-item", "--no-ranker", "--window-days", "7"], "has no window"),
    ],
)
def test_a_wrong_request_is_refused(arguments: list[str], says: str) -> None:
    assert says in refused("retrain", *arguments).message


def test_the_command_knows_the_protocols_and_the_floor_of_the_gate() -> None:
    assert retrain.PROTOCOLS == retraining.HOLD_OUT_PROTOCOLS
    options = {name: one for one in retrain.command.params for name in one.opts}
    assert options["--min-users"].default == retraining.FEWEST_USERS
    for words in (["--min-users", "0"], ["--protocol", "split"], ["--cuts", "2"]):
        assert CliRunner().invoke(cli, ["retrain", *words]).exit_code == 2


def test_fewer_users_than_the_floor_are_taken_for_it(tmp_path: Path) -> None:
    # The nights are listed, so that none is begun.
    words = ["--home", str(tmp_path), "retrain", "--nights", "--min-users"]
    few = CliRunner().invoke(cli, [*words, "2"])
    assert few.exit_code == 0
    assert "--min-users 2: over fewer than 50 users a winner is chance" in few.stderr
    assert "--min-users" not in CliRunner().invoke(cli, [*words, "50"]).stderr
    option = next(one for one in retrain.command.params if one.name == "min_users")
    context = click.Context(retrain.command)
    assert option.process_value(context, "49") == 50
    assert option.process_value(context, "51") == 51


def test_where_no_night_was_none_is_listed(tmp_path: Path) -> None:
    words = ["--home", str(tmp_path), "retrain", "--nights"]
    assert json.loads(CliRunner().invoke(cli, [*words, "--json"]).stdout) == []
    assert "Next: engine retrain" in CliRunner().invoke(cli, words).stderr
