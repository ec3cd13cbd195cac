import json

from click.testing import CliRunner

from engine.cli.models import command
from engine.models import MODELS, PLAIN


def test_models_are_listed_as_a_table_and_as_json() -> None:
    table = CliRunner().invoke(command)
    assert table.exit_code == 0
    found = json.loads(CliRunner().invoke(command, ["--json"]).stdout)
    assert [row["name"] for row in found] == [*MODELS, *PLAIN]
    for row in found:
        assert row["name"] in table.stdout
        assert row["paper"] in table.stdout
