"""Commands that are refused for their options, before a database is started."""

from click.testing import CliRunner

from engine.cli import cli
from engine.errors import EngineError


def refused(*arguments: str) -> EngineError:
    """Run ``engine ARGUMENTS``, which must fail with an error that says what to do, and return it.

    It must not have come as far as a database: the URI is one that nobody answers at.
    """
    done = CliRunner().invoke(cli, ["--uri", "bolt://127.0.0.1:1", *arguments])
    error = done.exception
    assert isinstance(error, EngineError), done.output
    assert error.hint
    return error
