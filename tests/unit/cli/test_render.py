"""What is printed for people."""

import subprocess
import sys

PRINT = "from engine.cli import render; render.table([{'a': 'x' * 300, 'b': 0.5}], ('a', 'b'))"


def test_a_pipe_gets_the_whole_of_every_cell() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", PRINT], capture_output=True, text=True, check=True
    ).stdout
    assert [line.split() for line in printed.splitlines()] == [["a", "b"], ["x" * 300, "0.5000"]]
