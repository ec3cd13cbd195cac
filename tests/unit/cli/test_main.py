"""The command line: help that helps, errors that say what to do next."""

import importlib
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import ModuleType

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


def test_output_that_finds_no_room_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["engine", "config", "show"])
    with suppress(OSError), Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr("sys.stdout", full)
        with pytest.raises(SystemExit) as stop:
            main()
    assert stop.value.code == 5
    assert capsys.readouterr().err.splitlines()[0] == "Error: the output: No space left on device"


def test_what_fails_while_an_interrupt_is_handled_is_an_interrupt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The driver's buffer cannot be put away while its read is on the stack: no traceback of it."""

    def stop() -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise BufferError("Existing exports of data: object cannot be re-sized")

    module = ModuleType("a_command_that_is_stopped")
    module.__dict__["command"] = click.Command("stop", callback=stop)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(COMMANDS, "stop", (module.__name__, "Stop."))
    monkeypatch.setattr("sys.argv", ["engine", "stop"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr().err.strip() == (
        "Interrupted. Nothing is half done; run the same command again."
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["\x1b[31mred"],
        ["--\x1b[31mred"],
        ["config", "show", "\x9b31m\u202e"],
        ["config", "\x1b]0;title\x07"],
        ["ingest", "no-such-\x1b[2J.csv"],
        ["keys", "create", "shop", "--scope", "\x9b31m"],
        ["--uri", "http://\x1b[31m", "config", "show"],
        ["query", "show", "no-such-\x1b[31m"],
        ["query", "run", "status/counts", "--param", "\x1b[31m"],
        ["train", "--set", "\x1b[31m=1"],
        ["runs", "show", "\x1b[31m"],
    ],
)
def test_an_error_shows_escapes_and_does_not_send_them(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    arguments: list[str],
) -> None:
    monkeypatch.setenv("ENGINE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["engine", *arguments])
    monkeypatch.setattr("sys.excepthook", sys.excepthook)  # main sets its own: put it back
    monkeypatch.setattr("threading.excepthook", threading.excepthook)
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code not in (0, None)
    printed = capsys.readouterr()
    text = printed.out + printed.err
    assert "Error" in text
    assert not [one for one in text if one != "\n" and not one.isprintable()]


def test_a_traceback_shows_escapes_and_no_secret() -> None:
    code = (
        "from engine import logs; logs.scrub_tracebacks()\n"
        "raise ValueError('\\x1b[31m password=hunter2 \\x9b')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ValueError: \\x1b[31m password=*** \\x9b" in done.stderr
