"""``engine serve``: what it is told by flags is what is set, and bad values are told at once."""

import pytest
from click.testing import CliRunner

from engine.cli import cli


@pytest.mark.parametrize(
    ("flag", "value"), [("--port", "65536"), ("--port", "-1"), ("--port", "http")]
)
def test_a_port_is_a_port(flag: str, value: str) -> None:
    done = CliRunner().invoke(cli, ["serve", flag, value])
    assert done.exit_code == 2
    assert value in done.output


def test_the_help_says_that_a_key_comes_first() -> None:
    done = CliRunner().invoke(cli, ["serve", "--help"])
    assert "engine keys create" in done.output
