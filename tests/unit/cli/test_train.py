"""``engine train``: settings are listed, and wrong ones refused before a database is started."""

import json

import pytest
from click.testing import CliRunner

from engine.cli import cli

from .refusal import refused


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--model", "no-such"], "no-such"),
        (["--set", "epochs"], "--set 'epochs' is not NAME=VALUE"),
        (["--set", "no_such=1"], "there is no setting no_such"),
        (["--set", "epochs=many"], "epochs"),
    ],
)
def test_a_wrong_setting_is_refused(arguments: list[str], says: str) -> None:
    assert says in refused("train", *arguments).message


def test_settings_are_listed_with_range_and_meaning() -> None:
    done = CliRunner().invoke(cli, ["train", "--model", "bpr-mf", "--list-settings", "--json"])
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert {"epochs", "dimension", "learning_rate"} <= rows.keys()
    assert all(row["help"] for row in rows.values())
