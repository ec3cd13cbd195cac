"""``engine train`` on the command line: Ctrl-C at any moment and ``--resume`` change nothing."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from engine.errors import EngineError
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.training import checkpoint
from engine.training.checkpoint import TrainedModel

from .terminal import Terminal, engine, invoked

_TRAIN = ("train", "--no-ranker", "--seed", "3", "--set", "epochs=12", "--set", "batch_size=32")
_STEP = re.compile(r"(\d+)/(\d+)")


def _finished(home: Path, run: dict[str, Any]) -> TrainedModel:
    return checkpoint.load(home / run["checkpoint"])


@pytest.fixture
def events(graph: GraphClient, on_server: Neo4jTarget, tmp_path: Path) -> Path:
    """A loaded file of two tastes: enough steps that they can be counted on the screen."""
    assert graph.target.uri == on_server.uri
    path, draw = tmp_path / "events.csv", np.random.default_rng(5)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["user_id", "item_id", "timestamp"])
        for moment in range(4_000):
            user = int(draw.integers(150))
            item = 2 * int(draw.zipf(1.5) % 60) + user % 2
            out.writerow([f"u{user}", f"i{item}", 1_700_000_000 + 600 * moment])
    engine("ingest", str(path))
    return path


@pytest.mark.usefixtures("events")
def test_interrupted_at_any_step_and_resumed_equals_unbroken(home: Path) -> None:
    engine(*_TRAIN)
    whole = json.loads(engine("runs", "show", "1", "--json"))
    step = int(np.random.default_rng().integers(1, 200))

    with Terminal(*_TRAIN) as terminal:
        terminal.wait_until(lambda text: any(int(n) >= step for n, _ in _STEP.findall(text)))
        terminal.press_ctrl_c()
        assert terminal.exit_code() == 130, f"at step {step}:\n{terminal.text}"
    assert "--resume" in terminal.text
    assert "loss" in terminal.text
    engine(*_TRAIN, "--resume")

    runs = json.loads(engine("runs", "--json"))
    assert [run["status"] for run in runs] == ["finished", "interrupted", "finished"]
    unbroken, resumed = _finished(home, whole), _finished(home, runs[0])
    np.testing.assert_array_equal(resumed.user_vectors, unbroken.user_vectors)
    np.testing.assert_array_equal(resumed.item_vectors, unbroken.item_vectors)
    assert resumed.metrics == unbroken.metrics
    _goes_on_in_one_process_from_two(home, whole)


def _goes_on_in_one_process_from_two(home: Path, whole: dict[str, Any]) -> None:
    with Terminal(*_TRAIN, "--processes", "2") as terminal:
        terminal.wait_until(lambda text: any(int(n) >= 20 for n, _ in _STEP.findall(text)))
        started = terminal.children()
        terminal.press_ctrl_c()
        assert terminal.exit_code() == 130, terminal.text
    assert "--resume" in terminal.text
    assert len(started) == 2
    assert not psutil.wait_procs(started, timeout=30)[1]
    engine(*_TRAIN, "--resume")

    newest, stopped = json.loads(engine("runs", "--json"))[:2]
    assert [newest["status"], stopped["status"]] == ["finished", "interrupted"]
    unbroken, resumed = _finished(home, whole), _finished(home, newest)
    np.testing.assert_allclose(resumed.user_vectors, unbroken.user_vectors, atol=1e-5)
    np.testing.assert_allclose(resumed.item_vectors, unbroken.item_vectors, atol=1e-5)


@pytest.mark.usefixtures("events")
def test_a_run_is_recorded_with_all_that_made_it(home: Path) -> None:
    told = json.loads(engine(*_TRAIN, "--json"))
    run = json.loads(engine("runs", "show", str(told["run"]), "--json"))
    assert run["settings"]["epochs"] == 12
    assert run["settings"]["loss"] == "softmax"
    assert run["data_watermark"] == told["data_watermark"] >= 1
    assert (run["model"], run["seed"], run["status"]) == ("lightgcn", 3, "finished")
    assert run["seconds"] > 0
    assert "+" in run["code_version"]
    assert run["metrics"] == pytest.approx(told["metrics"])
    assert (home / run["checkpoint"]).is_file()


@pytest.mark.usefixtures("events")
def test_bpr_and_every_split_run_from_the_command_line() -> None:
    for split in ("leave-last-out", "random"):
        told = json.loads(
            engine(*_TRAIN, "--split", split, "--set", "loss=bpr", "--no-refit", "--json")
        )
        assert any(name.endswith("popular.recall@20") for name in told["metrics"])


def test_there_must_be_something_to_resume(events: Path) -> None:
    assert events.exists()
    with pytest.raises(EngineError) as refused:
        invoked(*_TRAIN, "--resume")
    assert refused.value.exit_code == 2
    assert "leave out --resume" in refused.value.hint


@pytest.mark.usefixtures("events")
def test_the_table_has_the_figures_of_its_protocol() -> None:
    words = ("train", "--no-ranker", "--no-refit", "--model", "bpr-mf", "--set", "epochs=1")
    basket = invoked(*words, "--protocol", "next-basket", "--cuts", "1").output.split()
    shown = [f"{name}@{k}" for name in ("ndcg", "recall", "phr") for k in (10, 20)]
    assert {*shown, "repeat-recall@20", "explore-recall@20", "coverage@20"} <= set(basket)
    assert "mrr@20" not in basket
    item = invoked(*words, "--protocol", "next-item").output
    assert {"ndcg@10", "hit@10"} <= set(item.split())
    assert "with ndcg@10 0." in item
    split = invoked(*words).output.split()
    assert {"recall@20", "ndcg@20", "hit@20", "mrr@20", "map@20"} <= set(split)
    assert "phr@20" not in split
