import json

from click.testing import CliRunner

from engine.api import Engine, Settings
from engine.cli.models import command
from engine.models import MODELS, PLAIN


def test_models_are_listed_as_a_table_and_as_json() -> None:
    engine = Engine(Settings())
    table = CliRunner().invoke(command, obj=engine)
    assert table.exit_code == 0
    found = json.loads(CliRunner().invoke(command, ["--json"], obj=engine).stdout)
    assert [row["name"] for row in found] == [*MODELS, *PLAIN]
    for row in found:
        assert row["name"] in table.stdout
        assert row["paper"] in table.stdout
