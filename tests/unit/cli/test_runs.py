"""``engine runs`` on a registry that has some."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import cli
from engine.errors import NotFound
from engine.store.registry import Registry
from engine.store.registry_schema import open_registry_engine


@pytest.fixture
def two_runs(home: Path) -> None:
    engine = open_registry_engine(f"sqlite:///{home / 'registry.sqlite'}")
    registry = Registry(engine)
    for model in ("popular", "lightgcn"):
        run = registry.start_run(model, {"layers": 2}, 5, 7, "0.1")
        registry.finish_run(run, "done", {"ndcg@20": 0.25, "loss": float("inf")}, 1.5, None)
    engine.dispose()


@pytest.mark.usefixtures("two_runs")
@pytest.mark.parametrize("arguments", [["--json"], ["list", "--json"]])
def test_the_list_as_json(arguments: list[str]) -> None:
    runs = json.loads(CliRunner().invoke(cli, ["runs", *arguments]).stdout)
    assert [run["model"] for run in runs] == ["lightgcn", "popular"]
    assert runs[0]["metrics"] == {"loss": None, "ndcg@20": 0.25}


@pytest.mark.usefixtures("two_runs")
def test_the_list_as_a_table() -> None:
    printed = CliRunner().invoke(cli, ["runs", "list", "--limit", "1"]).stdout
    assert "lightgcn" in printed
    assert "ndcg@20=0.2500" in printed
    assert "popular" not in printed


@pytest.mark.usefixtures("two_runs")
def test_one_run() -> None:
    shown = json.loads(CliRunner().invoke(cli, ["runs", "show", "1", "--json"]).stdout)
    assert (shown["model"], shown["data_watermark"], shown["seed"]) == ("popular", 5, 7)
    printed = CliRunner().invoke(cli, ["runs", "show", "1"]).stdout
    assert "setting layers" in printed
    assert "metric ndcg@20" in printed


@pytest.mark.usefixtures("two_runs")
def test_a_run_that_is_not_there() -> None:
    result = CliRunner().invoke(cli, ["runs", "show", "9"])
    assert isinstance(result.exception, NotFound)


def test_no_run_yet_says_what_to_do() -> None:
    result = CliRunner().invoke(cli, ["runs"])
    assert result.exit_code == 0
    assert "engine train" in result.stderr
