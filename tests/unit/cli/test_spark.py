"""``--print`` shows a program that does what the command would, and starts no Spark."""

import ast
from pathlib import Path

from click.testing import CliRunner

from engine.cli import cli

_EXAMPLE = Path(__file__).parents[3] / "examples" / "spark" / "load_events.py"


def _printed(*arguments: str) -> str:
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def _words(program: str) -> list[str]:
    (argv,) = (node for node in ast.parse(program).body if isinstance(node, ast.Assign))
    words = ast.literal_eval(argv.value)
    return list(words)


def test_the_example_is_what_is_printed() -> None:
    words = ("spark", "load", "--events", "s3a://shop/events/", "--writers", "8", "--print")
    assert _printed(*words) == _EXAMPLE.read_text(encoding="utf-8")


def test_the_program_runs_the_same_command() -> None:
    given = ("spark", "load", "--events", "s3a://shop/a b'\"\\", "--kind", "購入🎉\udcff=buy")
    program = _printed("--uri", "bolt://graph:7687", *given, "--print", "--max-bad", "5%")
    where = ["engine", "--uri", "bolt://graph:7687"]
    assert _words(program) == [*where, *given, "--max-bad", "5%"]
    assert "spark-submit" in program
    assert _words(_printed("spark", "export", "--print", "--to", "/x"))[1:3] == ["spark", "export"]


def test_a_value_that_cannot_be_used_is_told_before_a_job_is_printed() -> None:
    done = CliRunner().invoke(cli, ["spark", "load", "--events", "x", "--max-bad", "9", "--print"])
    assert done.exit_code != 0
    assert "--max-bad 9" in str(done.exception)
