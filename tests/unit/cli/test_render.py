"""What is printed for people: whole cells, and no escape that a terminal would obey."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from engine.cli import render

PRINT = "from engine.cli import render; render.table([{'a': 'x' * 300, 'b': 0.5}], ('a', 'b'))"
# Colours, a title, C1's own introducer, a bell, a backspace, turned writing, half of a pair.
ESCAPES = "a\x1b[31m\x1b]0;t\x07\x9b2J\x08\x7f\u202eb\u2066\udc9b"


def raw(text: str) -> list[str]:
    """Return what a terminal would obey."""
    return [one for one in text if one != "\n" and (not one.isprintable() or ord(one) in (0x7F,))]


def test_a_pipe_gets_the_whole_of_every_cell() -> None:
    asked = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    printed = subprocess.run(
        [sys.executable, "-c", PRINT], capture_output=True, text=True, check=True, env=asked
    ).stdout
    assert [line.split() for line in printed.splitlines()] == [["a", "b"], ["x" * 300, "0.5000"]]


def test_no_escape_of_the_data_reaches_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[dict[str, Any]] = [{ESCAPES: ESCAPES, "n": [ESCAPES]}]
    render.table(rows, (ESCAPES, "n"), ESCAPES)
    render.say(ESCAPES)
    render.note(ESCAPES)
    printed = capsys.readouterr()
    for text in (printed.out, printed.err):
        assert raw(text) == []
        assert "a\\x1b[31m\\x1b]0;t\\x07\\x9b2J\\x08\\x7f\\u202eb\\u2066\\udc9b" in text


def test_a_cell_and_a_title_begin_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    render.table([{"a": "one\ntwo\t"}], ("a",), "title\nforged")
    assert capsys.readouterr().out.splitlines() == [
        "title\\x0aforged",
        "a".ljust(14),
        "one\\x0atwo\\x09",
    ]


def test_json_is_the_same_value_without_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    value = {ESCAPES: [ESCAPES, "é😀\n"]}
    render.emit_json(value)
    printed = capsys.readouterr().out
    assert raw(printed) == []
    assert "é😀" in printed
    assert json.loads(printed) == value
