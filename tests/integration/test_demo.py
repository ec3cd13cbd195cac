"""``engine demo`` as a person runs it: stopped with Ctrl-C in the middle, then run to its end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.graph import batch_writes
from engine.store.graph_client import GraphClient

from .terminal import Terminal, engine

_FEW_EPOCHS = ("demo", "--epochs", "2")


def _engine(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "engine", *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.usefixtures("graph", "on_server")
def test_the_demo_goes_on_after_ctrl_c_and_shows_everything() -> None:
    with Terminal(*_FEW_EPOCHS) as terminal:
        terminal.wait_for("epoch ")
        terminal.press_ctrl_c()
        assert terminal.exit_code() == 130
        assert "run the same command again" in terminal.text

    done = _engine(*_FEW_EPOCHS)

    assert done.returncode == 0, done.stderr
    assert "is there already" in done.stderr
    for method in ("blend", "lightgcn", "popular", "item-knn", "buy-again"):
        assert method in done.stdout
    assert done.stdout.count("The blend that is served") == 2
    assert done.stdout.count("Household ") == 3
    assert "Milk" in done.stdout
    commands = [line.split()[1:] for line in done.stdout.splitlines() if "  engine " in line]
    assert len(commands) == 3
    for command in commands:
        assert engine(*command)
    status = json.loads(engine("status", "--json"))
    assert (status["users"], status["events"], status["facts"]) == (2_377, 75_000, 104_392)


@pytest.mark.usefixtures("on_server")
def test_a_graph_with_other_data_is_left_alone(graph: GraphClient) -> None:
    batch_writes.merge_items(graph, ["espresso-machine"])
    done = _engine(*_FEW_EPOCHS)
    assert done.returncode == 2
    assert "holds other data" in done.stderr
    assert "engine --home engine-demo demo" in done.stderr
    assert json.loads(engine("status", "--json"))["items"] == 1


def test_the_demo_says_how_to_try_it() -> None:
    assert "Example: engine --home engine-demo demo" in engine("demo", "--help")
    assert not Path("home").exists()
