"""What is printed for people."""

import os
import subprocess
import sys

PRINT = "from engine.cli import render; render.table([{'a': 'x' * 300, 'b': 0.5}], ('a', 'b'))"


def test_a_pipe_gets_the_whole_of_every_cell() -> None:
    asked = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    printed = subprocess.run(
        [sys.executable, "-c", PRINT], capture_output=True, text=True, check=True, env=asked
    ).stdout
    assert [line.split() for line in printed.splitlines()] == [["a", "b"], ["x" * 300, "0.5000"]]
