"""The command line: help that helps, errors that say what to do next."""

import importlib

import click
import pytest

from engine.cli import COMMANDS, cli, main


def _walk(command: click.Command, path: str) -> list[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        return [
            leaf
            for name, child in command.commands.items()
            for leaf in _walk(child, f"{path} {name}")
        ]
    return [(path, command)]


LEAVES = [
    leaf
    for name, (module, _) in COMMANDS.items()
    for leaf in _walk(importlib.import_module(module).command, name)
]


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=[path for path, _ in LEAVES])
def test_every_command_shows_an_example(path: str, command: click.Command) -> None:
    text = f"{command.epilog or ''} {command.help or ''}"
    assert "Example" in text, path
    assert "engine " in text, path


def test_an_unknown_command_is_refused() -> None:
    with pytest.raises(click.UsageError, match="No such command"):
        cli.main(["no-such-command"], standalone_mode=False)


def test_an_engine_error_is_two_lines_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENGINE_NEO4J_URI", "http://nowhere")
    monkeypatch.setattr("sys.argv", ["engine", "config", "show"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 3
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Error: setting neo4j_uri")
    assert lines[1].startswith("Try: ")
