"""``engine runs`` on a registry that has some."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import cli
from engine.errors import NotFound
from engine.store.registry import Registry
from engine.store.registry_schema import open_registry_engine

METRICS = {
    "valid.ndcg@20": 0.25,
    "unseen.blend.ndcg@20": 0.5,
    "unseen.popular.ndcg@20": 0.375,
    "unseen.blend-popular.ndcg@20": 0.125,
    "unseen.blend-popular.ndcg@20.low": 0.0625,
    "unseen.blend-popular.ndcg@20.high": 0.1875,
}


@pytest.fixture
def two_runs(home: Path) -> None:
    engine = open_registry_engine(f"sqlite:///{home / 'registry.sqlite'}")
    registry = Registry(engine)
    for model in ("popular", "lightgcn"):
        run = registry.start_run(model, {"layers": 2}, 5, 7, "0.1")
        registry.finish_run(run, "done", METRICS | {"loss": float("inf")}, 1.5, None)
    engine.dispose()


@pytest.mark.usefixtures("two_runs")
@pytest.mark.parametrize("arguments", [["--json"], ["list", "--json"]])
def test_the_list_as_json(arguments: list[str]) -> None:
    runs = json.loads(CliRunner().invoke(cli, ["runs", *arguments]).stdout)
    assert [run["model"] for run in runs] == ["lightgcn", "popular"]
    assert runs[0]["metrics"] == METRICS | {"loss": None}


@pytest.mark.usefixtures("two_runs")
def test_the_list_as_a_table() -> None:
    printed = CliRunner().invoke(cli, ["runs", "list", "--limit", "1"]).stdout
    assert "lightgcn" in printed
    assert "0.2500" in printed
    assert "0.5000" in printed
    assert "popular" not in printed
    assert len(printed.splitlines()) == 2


@pytest.mark.usefixtures("two_runs")
def test_one_run() -> None:
    shown = json.loads(CliRunner().invoke(cli, ["runs", "show", "1", "--json"]).stdout)
    assert (shown["model"], shown["data_watermark"], shown["seed"]) == ("popular", 5, 7)
    printed = CliRunner().invoke(cli, ["runs", "show", "1"]).stdout
    assert "layers" in printed
    (popular,) = [line for line in printed.splitlines() if line.startswith("popular")]
    assert "0.3750" in popular
    assert "+0.1250 [+0.0625, +0.1875]" in popular


@pytest.mark.usefixtures("two_runs")
def test_a_run_that_is_not_there() -> None:
    result = CliRunner().invoke(cli, ["runs", "show", "9"])
    assert isinstance(result.exception, NotFound)


def test_no_run_yet_says_what_to_do() -> None:
    result = CliRunner().invoke(cli, ["runs"])
    assert result.exit_code == 0
    assert "engine train" in result.stderr
