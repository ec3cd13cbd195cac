"""``engine experiment``: start, list, report, check, stop, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import engine
from engine.cli import cli
from engine.errors import EngineError, FileRefused, NotFound, UsageError


def _engine(home: Path, *arguments: str) -> str:
    done = CliRunner().invoke(cli, ["--home", str(home), "experiment", *arguments])
    if isinstance(done.exception, EngineError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


_AB = ("--variant", "a=serving", "--variant", "b=serving:mmr=0.7")


def _write_sums(path: Path) -> None:
    generator = np.random.default_rng(18)
    lines = ["user,variant,shown,conversions,value"]
    for user in range(1_200):
        variant = "ab"[user % 2]
        converted = generator.binomial(10, 0.3 if variant == "b" else 0.2)
        lines.append(f"u{user},{variant},10,{converted},{3 * converted}")
    path.write_text("\n".join(lines) + "\n")


def test_an_experiment_from_its_start_to_its_end(tmp_path: Path) -> None:
    home, sums = tmp_path / "home", tmp_path / "sums.csv"
    _write_sums(sums)
    started = json.loads(_engine(home, "start", "tea", *_AB, "--share", "50/50", "--json"))
    assert started["variants"] == ["a=serving@50", "b=serving:mmr=0.7@50"]
    assert "secret" not in started
    printed = _engine(home, "report", "tea", "--from", str(sums))
    assert "Look 1" in printed
    for wrong in ("nan", "inf"):
        with pytest.raises(UsageError, match=f"users_a_day must be a number above 0, not {wrong}"):
            _engine(home, "report", "tea", "--from", str(sums), "--users-a-day", wrong)
    found = json.loads(_engine(home, "report", "tea", "--from", str(sums), "--json"))
    assert found["looks"] == 2
    a, b = found["variants"]
    assert (a["users"], b["users"]) == (600, 600)
    assert b["against"]["low"] > 0
    assert not found["sample_ratio"]["mismatch"]
    checked = json.loads(_engine(home, "check", "--from", str(sums), "--json"))
    assert 0.03 <= checked["significant"] <= 0.07
    assert "A/A splits" in _engine(home, "check", "--from", str(sums), "--metric", "value")
    stopped = json.loads(_engine(home, "stop", "tea", "--winner", "b", "--json"))
    assert (stopped["state"], stopped["winner"], stopped["promoted"]) == ("stopped", "b", None)
    assert "mmr = 0.7" in stopped["remark"]
    assert [row["state"] for row in json.loads(_engine(home, "list", "--json"))] == ["stopped"]
    with pytest.raises(UsageError, match="ended at"):
        _engine(home, "stop", "tea")


def test_every_user_of_a_layer_is_in_one_variant_of_one_experiment(tmp_path: Path) -> None:
    with engine.connect(home=tmp_path, progress=False) as e:
        assert e.assigned_variant("ann") is None
        for name in ("one", "two"):
            e.start_experiment(name, {"a": "serving", "b": "holdout"}, traffic=50)
        found = [e.assigned_variant(f"u{n}") for n in range(40)]
        assert {one[0].name for one in found if one is not None} == {"one", "two"}
        assert {one[1].name for one in found if one is not None} == {"a", "b"}
        assert None not in found
        assert found == [e.assigned_variant(f"u{n}") for n in range(40)]
        assert e.assigned_variant("u1", layer="cart") is None
        e.stop_experiment("one")
        assert [one.name for one in e.experiments() if one.stopped_at is None] == ["two"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*_AB, "--share", "50/40"), r"add up to 100, not 90 \(50 / 40\)"),
        ((*_AB, "--share", "50/25/25"), "2 variants and 3 shares"),
        ((*_AB, "--share", "100/0"), "must be above 0"),
        ((*_AB, "--share", "half"), "'half' is not a number"),
        ((*_AB, "--share", "nan/50"), r"add up to 100, not nan \(nan / 50\)"),
        (("--variant", "a=serving", "--variant", f"b=generation:{'9' * 5000}"), "is no number"),
        (("--variant", "a=serving", "--variant", "b=generation:١٣"), "'١٣' is no number"),
        (("--variant", "a=serving"), "2 to 10 variants, not 1"),
        (("--variant", "a=serving", "--variant", "a=holdout"), "a is given twice"),
        (("--variant", "A=serving", "--variant", "holdout"), "cannot be named 'A'"),
        ((*_AB, "--traffic", "0"), "traffic must be a percentage"),
        ((*_AB, "--days", "0"), "days must be a whole number"),
        (("--variant", "a=serving", "--variant", "b=serving:mmx=1"), "no option mmx"),
        ((*_AB, "--variant", "holdout", "--interleave"), "two variants are interleaved, not 3"),
        ((*_AB, "--share", "50/50", "--interleave"), "an interleaved experiment has no shares"),
        ((*_AB, "--metric", "value", "--interleave"), "counts items that were chosen, not value"),
    ],
)
def test_an_experiment_that_cannot_be_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        _engine(tmp_path, "start", "tea", *arguments)
    assert json.loads(_engine(tmp_path, "list", "--json")) == []


def test_names_of_trials_are_those_of_nights_and_without_one_nothing_is_decided(
    tmp_path: Path,
) -> None:
    with pytest.raises(UsageError, match="begin with online-gate- are those of engine retrain"):
        _engine(tmp_path, "start", "online-gate-7", *_AB)
    assert json.loads(_engine(tmp_path, "decide", "--json")) == []


def test_interleaved_lists_are_compared_by_user(tmp_path: Path) -> None:
    credits = tmp_path / "credits.csv"
    rows = [f"u{n},{0 if n % 5 else 2},1" for n in range(100)]
    credits.write_text("\n".join(["user,a,b", *rows, "u0,0,1"]) + "\n")
    found = json.loads(_engine(tmp_path, "interleaving", "--from", str(credits), "--json"))
    assert (found["for_a"], found["for_b"], found["ties"]) == (19, 80, 1)
    assert found["low"] > 0.5
    assert "80 users chose more of b" in _engine(tmp_path, "interleaving", "--from", str(credits))


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    sums = tmp_path / "sums.csv"
    _write_sums(sums)
    _engine(tmp_path, "start", "tea", "--variant", "a=serving", "--variant", "holdout")
    with pytest.raises(NotFound, match="no experiment cake"):
        _engine(tmp_path, "report", "cake", "--from", str(sums))
    with pytest.raises(NotFound, match="has no variant b") as caught:
        _engine(tmp_path, "stop", "tea", "--winner", "b")
    assert caught.value.hint == "it has a, holdout"
    assert json.loads(_engine(tmp_path, "list", "--json"))[0]["state"] == "running"


def test_a_metric_that_cannot_differ_is_not_called_sound(tmp_path: Path) -> None:
    sums = tmp_path / "sums.csv"
    for users, converted, message in (
        (99, 1, "sums.csv has 99 users: a check needs 100"),
        (100, 0, "sums.csv: conversion is 0 for every user"),
    ):
        rows = [f"u{n},a,1,{converted}" for n in range(users)]
        sums.write_text("\n".join(["user,variant,shown,conversions", *rows]) + "\n")
        with pytest.raises(FileRefused, match=message):
            _engine(tmp_path, "check", "--from", str(sums))
