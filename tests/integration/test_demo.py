"""``engine demo`` as a person runs it: stopped with Ctrl-C in the middle, then run to its end."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.graph import batch_writes
from engine.resources import demo_dir
from engine.store.graph_client import GraphClient
from engine.usecases.demonstration_data import DemoData

from .terminal import Terminal, engine

_HOUSEHOLDS = 55
_SMALL = ("demo", "--households", str(_HOUSEHOLDS))


def _engine(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "engine", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "80"},
    )


@pytest.mark.usefixtures("graph", "on_server")
def test_the_demo_goes_on_after_ctrl_c_and_shows_everything() -> None:
    with Terminal(*_SMALL) as terminal:
        terminal.wait_for("epoch ")
        terminal.press_ctrl_c()
        assert terminal.exit_code() == 130
        assert "run the same command again" in terminal.text

    done = _engine(*_SMALL)

    assert done.returncode == 0, done.stderr
    assert "is there already" in done.stderr
    for method in ("blend", "lightgcn", "popular", "item-knn", "buy-again"):
        assert method in done.stdout
    assert done.stdout.count("The blend") == 2
    assert "ranker serves" in done.stdout
    assert "How personal: two households share" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    _is_said_of_three_households(done.stdout)
    commands = [line.split()[1:] for line in done.stdout.splitlines() if "  engine " in line]
    assert len(commands) == 3
    for command in commands:
        assert engine(*command)
    status, rows = json.loads(engine("status", "--json")), DemoData(demo_dir(), _HOUSEHOLDS).rows
    assert (status["users"], status["events"]) == (_HOUSEHOLDS, rows["events"])
    assert (status["items"], status["facts"]) == (rows["items"], rows["facts"])


def _is_said_of_three_households(shown: str) -> None:
    """Each has two lists, whose items have a name and a reason beside it."""
    households = re.split(r"^Household ", shown, flags=re.MULTILINE)[1:]
    assert len(households) == 3
    for household in households:
        _, listed, new = re.split(
            r"^(?:recommended, of everything|new to it) +why *$", household, flags=re.MULTILINE
        )
        for rows in (listed, new.split("\n\n")[0]):
            cells = [re.split(r" {2,}", line.strip()) for line in rows.strip().splitlines()]
            assert len(cells) == 5
            for name, why in cells:
                assert re.search(r"[a-z]{3}", name)
                assert why
        assert "had " in listed
        assert not re.search(r"^product \d", household, re.MULTILINE)


@pytest.mark.usefixtures("on_server")
def test_a_graph_with_other_data_is_left_alone(graph: GraphClient) -> None:
    batch_writes.merge_items(graph, ["espresso-machine"])
    done = _engine(*_SMALL)
    assert done.returncode == 2
    assert "holds other data" in done.stderr
    assert "engine --home engine-demo demo" in done.stderr
    assert json.loads(engine("status", "--json"))["items"] == 1


def test_the_demo_says_how_to_try_it() -> None:
    assert "Example: engine --home engine-demo demo" in engine("demo", "--help")
    assert not Path("home").exists()
