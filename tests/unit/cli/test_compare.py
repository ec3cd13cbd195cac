"""The commands that measure, on a file, without a database."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from engine.cli import cli, protocol_options
from engine.errors import FileRefused, UsageError
from engine.evaluation.baselines import ALWAYS
from engine.usecases.comparing import PROTOCOLS

_SMALL = ["--set", "epochs=1", "--set", "dimension=4", "--set", "batch_size=512"]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Some shopping, item ids in a column called sku."""
    path, draw = tmp_path / "events.csv", np.random.default_rng(5)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["user_id", "sku", "timestamp", "event_id"])
        for moment in range(1_800):
            user = int(draw.integers(120))
            item = 2 * int(draw.zipf(1.5) % 15) + user % 2
            out.writerow([f"u{user}", f"i{item}", 1_700_000_000 + 600 * moment, moment])
    return path


def run(*arguments: str, data: Path) -> Result:
    words = [*arguments, "--data", str(data), "--map", "item_id=sku"]
    return CliRunner().invoke(cli, words)


def test_compare_says_who_wins_first_and_writes_the_report(events: Path, tmp_path: Path) -> None:
    said = run("compare", "--models", "bpr-mf", *_SMALL, data=events)
    assert said.exit_code == 0, said.output
    first = said.stdout.splitlines()[0]
    assert "wins" in first or "leads" in first
    assert "bpr-mf blend" in said.stdout
    assert "Report: report.html" in said.stdout
    assert first[:40] in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_compare_as_json_names_every_figure(events: Path, tmp_path: Path) -> None:
    said = run("compare", "--models", "item-knn", "--out", "a.html", "--json", data=events)
    found = json.loads(said.stdout)
    assert found["report"] == "a.html"
    assert (tmp_path / "a.html").is_file()
    assert {row["name"] for row in found["rows"]} == {
        *("item-knn", "item-knn blend", *ALWAYS, "no-vectors blend")
    }
    assert {"novelty@20", "popularity-lift@20", "gini@20"} <= found["rows"][0]["means"].keys()


def test_evaluate_prints_the_lists_beside_the_baselines_and_what_is_unknown(
    events: Path, tmp_path: Path
) -> None:
    lists = tmp_path / "lists.csv"
    lists.write_text("user_id,sku,rank\nu1,i1,1\nu1,nothing,2\nghost,i1,1\n")
    said = run("evaluate", "--predictions", str(lists), "--k", "5", data=events)
    assert said.exit_code == 0, said.output
    assert "lists.csv" in said.stdout
    assert "ndcg@5" in said.stdout
    assert "1 users are not in the data: ghost" in said.stderr
    assert "1 items are not in the data: nothing" in said.stderr
    assert "users asked have no list" in said.stderr


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        (["window", "--window-days", "2", "--cuts", "1"], ["ndcg@20", "recall@20"]),
        (["next-basket", "--window-days", "2", "--cuts", "1"], ["phr@20", "repeat-recall@20"]),
        (["next-item"], ["ndcg@10", "hit@10"]),
    ],
)
def test_compare_shows_the_figures_of_its_protocol(
    events: Path, options: list[str], columns: list[str]
) -> None:
    words = ["--models", "popular", "--no-report", "--protocol", *options]
    said = run("compare", *words, data=events)
    assert said.exit_code == 0, said.output
    for column in columns:
        assert column in said.stdout
    if "--cuts" in options:
        assert "Cuts, at 0:00 UTC: 2023-11-" in said.stderr


def test_a_next_item_of_lists_made_elsewhere_is_judged_at_ten(events: Path) -> None:
    lists = events.with_name("lists.csv")
    lists.write_text("user_id,sku,rank\nu1,i1,1\n")
    words = ["--predictions", str(lists), "--protocol", "next-item"]
    said = run("evaluate", *words, data=events)
    assert "hit@10" in said.stdout
    assert "@20" not in said.stdout
    assert "the events without each user's last moment" in said.stderr
    basket = [*words[:3], "next-basket", "--window-days", "2"]
    said = run("evaluate", *basket, data=events)
    assert {"phr@10", "phr@20", "repeat-recall@20", "explore-recall@20"} <= set(said.stdout.split())
    assert "@20" in run("evaluate", *words, "--k", "20", data=events).stdout


def test_several_cuts_of_one_file_of_lists_are_refused_before_it_is_read(tmp_path: Path) -> None:
    words = ["--predictions", "nowhere.csv", "--protocol", "window", "--cuts", "2"]
    said = run("evaluate", *words, data=tmp_path / "neither.csv")
    assert isinstance(said.exception, UsageError)
    assert "2 cuts ask for a list at each" in said.exception.message


def test_a_protocol_of_the_command_line_is_one_and_refuses_what_it_does_not_take(
    events: Path,
) -> None:
    assert protocol_options.PROTOCOLS == PROTOCOLS
    said = run("compare", "--protocol", "next-item", "--cuts", "2", data=events)
    assert isinstance(said.exception, UsageError)
    assert "next-item has no windows and no cuts" in said.exception.message
    said = run("tune", "--protocol", "window", "--split", "random", data=events)
    assert isinstance(said.exception, UsageError)
    lists = events.with_name("lists.csv")
    lists.write_text("user_id,sku,rank\nu1,i1,1\n")
    words = ["--predictions", str(lists), "--protocol", "window", "--window-days", "2"]
    said = run("evaluate", *words, data=events)
    assert said.exit_code == 0, said.output
    assert "Cuts, at 0:00 UTC: 2023-11-" in said.stderr


def test_evaluate_refuses_a_bad_file_with_the_line(events: Path, tmp_path: Path) -> None:
    lists = tmp_path / "lists.csv"
    lists.write_text("user_id,sku,rank\nu1,i1,1\nu1,i2,soon\n")
    said = run("evaluate", "--predictions", str(lists), data=events)
    assert isinstance(said.exception, FileRefused)
    assert "line 3" in said.exception.message


def test_evaluate_looks_at_the_lists_before_a_server_is_started(home: Path, tmp_path: Path) -> None:
    lists = tmp_path / "lists.csv"
    lists.write_text("user_id,sku,place\nu1,i1,1\n")
    said = CliRunner().invoke(cli, ["--home", str(home), "evaluate", "--predictions", str(lists)])
    assert isinstance(said.exception, FileRefused)
    assert said.exception.code == "header"
    assert not (home / "neo4j").exists()


def test_tune_prints_the_training_it_found(events: Path) -> None:
    words = ["--model", "bpr-mf", "--trials", "2", *_SMALL]
    said = run("tune", *words, data=events)
    assert said.exit_code == 0, said.output
    last = said.stdout.splitlines()[-1]
    assert last.startswith("engine train --model bpr-mf --set epochs=1 --set dimension=4")
    assert "--set learning_rate=" in last
    found = json.loads(run("tune", *words, "--resume", "--json", data=events).stdout)
    assert found["command"] == last
    assert found["stopped_by"] == "trials"
    assert len(found["trials"]) == 2


def test_tune_takes_cuts_and_says_over_which_windows_it_means(events: Path) -> None:
    words = ["--model", "bpr-mf", "--trials", "1", *_SMALL, "--protocol", "window"]
    words += ["--window-days", "2"]
    said = run("tune", *words, "--cuts", "2", data=events)
    assert said.exit_code == 0, said.output
    assert "the mean over the windows that begin 2023-11-" in said.stderr
    assert said.stdout.splitlines()[-1].endswith("--protocol window --window-days 2 --cuts 2")
    assert "the mean over" not in run("tune", *words, data=events).stderr


def test_tune_of_few_users_names_no_winner(events: Path) -> None:
    few = events.with_name("few.csv")
    lines = events.read_text(encoding="utf-8").splitlines()
    few.write_text("\n".join([lines[0], *(x for x in lines if x[:2] in ("u1", "u2"))]))
    said = run("tune", "--model", "bpr-mf", "--trials", "2", *_SMALL, data=few)
    assert said.exit_code == 0, said.output
    assert "No trial wins, the defaults stand: too few users to tell (" in said.stdout
    assert "Best" not in said.stdout


@pytest.mark.parametrize(
    "given",
    [
        ["--cuts", "2"],
        ["--protocol", "window"],
        ["--split", "random"],
        ["--window-days", "3"],
        ["--model", "als"],
        ["--seed", "1"],
        ["--set", "leaves=7"],
    ],
)
def test_a_ranker_is_searched_with_what_its_run_has(given: list[str]) -> None:
    said = CliRunner().invoke(cli, ["tune", "--ranker", "3", *given])
    assert isinstance(said.exception, UsageError)
    assert said.exception.message.startswith(f"{given[0]} is not for --ranker: ")


def test_tune_shows_where_it_searches() -> None:
    said = CliRunner().invoke(cli, ["tune", "--model", "als", "--list-space"])
    assert "dimension" in said.stdout
    assert "one of 32, 64, 128, 256" in said.stdout
    assert "by factors" in said.stdout


@pytest.mark.parametrize("command", ["compare", "tune"])
def test_a_setting_that_is_no_pair_is_refused(command: str) -> None:
    said = CliRunner().invoke(cli, [command, "--set", "epochs"])
    assert isinstance(said.exception, UsageError)
    assert "--set" in said.exception.hint
