"""A search that keeps its trials, its budget, and its eyes off the test part."""

import json
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
import pytest

from engine.config import Settings
from engine.data.interactions import Interactions
from engine.data.model_options import Span, configure, search_space
from engine.errors import DataError, UsageError
from engine.evaluation.protocols import EvaluationProtocol, NextBasket, Window
from engine.experiments import experiment
from engine.experiments.compare_request import CompareRequest, read_data
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS, PLAIN
from engine.training.trainer import Progress
from engine.usecases.comparing import TuneReport, TuneRequest, tune

from .conftest import shop, write_events

FIXED = {"epochs": "2", "dimension": "4", "negative_count": "16", "batch_size": "512"}
LONG = 60.0
DAY = 86_400_000


def no_draw(name: str) -> np.random.Generator:
    raise AssertionError(name)


def searched(settings: Settings, events: Path, trials: int, **more: object) -> TuneReport:
    source = CompareRequest((), data=events)
    minutes = more.pop("minutes", LONG)
    return tune(
        settings,
        TuneRequest("bpr-mf", minutes, source, trials, fixed=FIXED, **more),  # type: ignore[arg-type]
    )


def other_home(settings: Settings, name: str) -> Settings:
    return settings.model_copy(update={"home": settings.home / name})


def crowd() -> Interactions:
    """So many that every window asks 50 of them about something new."""
    return shop(users=500, items=200, events=16_000)


@pytest.fixture
def crowd_file(tmp_path: Path) -> Path:
    return write_events(tmp_path / "crowd.csv", crowd())


def test_the_best_settings_are_printed_as_a_training_and_kept(
    settings: Settings, crowd_file: Path
) -> None:
    found = searched(settings, crowd_file, 4)
    assert found.few_users == ""
    assert found.stopped_by == "trials"
    assert len(found.trials) == 4
    assert found.best.metric == max(one.metric or 0.0 for one in found.trials)
    assert found.best.metric >= (found.default_metric or 0.0)
    # The first trial is the defaults, so the search is never worse than they.
    assert found.trials[0].settings["learning_rate"] == "0.01"
    kept = json.loads(found.file.read_text())
    assert kept["command"] == found.command
    pairs = dict(
        word.split("=", 1) for word in found.command.split() if "=" in word and "--" not in word
    )
    assert pairs == FIXED | found.best.settings
    TrainingRequest("bpr-mf", pairs).configs()  # engine train takes them


def test_a_stopped_search_goes_on_to_the_trials_of_an_unbroken_one(
    settings: Settings, events_file: Path
) -> None:
    whole = searched(other_home(settings, "whole"), events_file, 10)
    part = other_home(settings, "part")
    assert len(searched(part, events_file, 4).trials) == 4

    def press(number: int, now: Progress | None, _best: float | None) -> None:
        if number == 9 and now is not None:
            signal.raise_signal(signal.SIGINT)

    asked = TuneRequest("bpr-mf", LONG, CompareRequest((), data=events_file), 10, True, FIXED)
    with pytest.raises(KeyboardInterrupt):
        tune(part, asked, press)
    continued = tune(part, asked)
    assert [one.settings for one in continued.trials] == [one.settings for one in whole.trials]
    assert [one.metric for one in continued.trials] == [one.metric for one in whole.trials]
    assert len({one.settings["learning_rate"] for one in whole.trials}) == 10


def test_over_few_users_the_search_says_so(settings: Settings, tmp_path: Path) -> None:
    data = write_events(tmp_path / "few.csv", shop(users=20, events=300))
    found = searched(settings, data, 1)
    assert found.few_users.startswith("too few users to tell (")
    assert "of the validation part have anything to find" in found.few_users
    assert found.as_dict()["few_users"] == found.few_users


def test_over_few_users_no_trial_wins_and_the_defaults_stand(
    settings: Settings, tmp_path: Path
) -> None:
    data = write_events(tmp_path / "few.csv", shop(users=40, events=1_200))
    found = searched(settings, data, 5)
    defaults = found.trials[0]
    metrics = [one.metric or 0.0 for one in found.trials]
    assert max(metrics) > metrics[0]  # one of the others would have won
    assert found.best == defaults
    assert found.best.settings["learning_rate"] == "0.01"
    assert "--set learning_rate" not in found.command or "learning_rate=0.01" in found.command
    kept = json.loads(found.file.read_text())
    assert (kept["settings"], kept["few_users"]) == (defaults.settings, found.few_users)


def test_where_nobody_can_be_asked_nothing_is_searched(settings: Settings, tmp_path: Path) -> None:
    one_each = shop(users=200, events=4_000)
    first = np.append(True, np.diff(one_each.user) > 0)
    data = write_events(tmp_path / "one.csv", one_each.select(first))
    with pytest.raises(DataError, match="no user of the test part has anything to find"):
        searched(settings, data, 1)


def test_test_events_never_change_a_trial(
    settings: Settings, events_file: Path, tmp_path: Path
) -> None:
    data = shop()
    later = data.at > sorted(data.at)[round(len(data) * 0.8)]
    data.item[later] = np.roll(data.item[later], 1)
    changed = write_events(tmp_path / "changed.csv", data)
    ours = searched(settings, events_file, 4)
    theirs = searched(settings, changed, 4)
    assert ours.study != theirs.study
    assert [one.settings for one in ours.trials] == [one.settings for one in theirs.trials]
    assert [one.metric for one in ours.trials] == [one.metric for one in theirs.trials]


@pytest.mark.parametrize("windows", [1, 2])
def test_nothing_at_the_oldest_cut_or_later_changes_a_trial(
    settings: Settings, events_file: Path, tmp_path: Path, windows: int
) -> None:
    data, window = shop(), Window(20, 3)
    cut = min(task.cut or 0 for task in window.tasks(data, np.random.default_rng))  # type: ignore[arg-type]
    item = np.where(data.at < cut, data.item, data.item[::-1])
    other = write_events(tmp_path / "other.csv", replace(data, item=item))
    found = []
    for name, events in (("a", events_file), ("b", other)):
        source = CompareRequest((), data=events, protocol=window)
        asked = TuneRequest("bpr-mf", LONG, source, 2, False, FIXED, windows)
        found.append(tune(other_home(settings, name), asked))
    assert [one.metric for one in found[0].trials] == [one.metric for one in found[1].trials]
    assert found[0].command.endswith("--protocol window --window-days 20 --cuts 3")


@pytest.mark.parametrize("protocol", [Window(25, 2), NextBasket(25, 2)])
def test_a_trial_of_several_windows_is_the_mean_of_a_training_at_each(
    settings: Settings, crowd_file: Path, tmp_path: Path, protocol: EvaluationProtocol
) -> None:
    begun: list[int] = []

    def count(number: int, now: Progress | None, _best: float | None) -> None:
        if now is not None and now.step == 1:
            begun.append(number)

    source = CompareRequest((), data=crowd_file, protocol=protocol)
    found = {}
    for windows in (1, 2):
        begun.clear()
        asked = TuneRequest("bpr-mf", LONG, source, 2, False, FIXED, windows)
        found[windows] = tune(other_home(settings, f"w{windows}"), asked, count)
        assert begun == sorted([1, 2] * windows)  # so many trainings a trial
    assert found[1].study != found[2].study
    # Epochs of the newest window alone are compared by the rule that cuts a trial short.
    kept = f"sqlite:///{other_home(settings, 'w2').home / 'tuning' / 'studies.sqlite'}"
    first = optuna.load_study(study_name=found[2].study, storage=kept).trials[0]
    assert sorted(first.intermediate_values) == [1, 2]

    material, alone = read_data(crowd_file, source).material, []
    whole = material.events
    oldest = protocol.tasks(whole, no_draw)[0].cut
    assert oldest is not None
    for weeks_back in (1, 2):
        end = oldest - (weeks_back - 1) * 25 * DAY
        one = replace(protocol, cuts=1, end=end)  # type: ignore[type-var]
        older = whole.at < end
        names = None if material.baskets is None else material.baskets[older]
        (task,) = one.tasks(whole.select(older), no_draw, names)
        request = TrainingRequest("bpr-mf", FIXED, protocol=protocol)
        got = experiment.search(material, request, task.parts, tmp_path / f"{weeks_back}")
        alone.append(got.metric)
    assert found[1].trials[0].metric == alone[0]  # the window before the oldest cut, as ever
    assert found[2].trials[0].metric == pytest.approx(sum(alone) / 2)  # type: ignore[arg-type]
    assert alone[0] != alone[1]


def test_no_trial_begins_after_the_minutes(settings: Settings, events_file: Path) -> None:
    found = searched(settings, events_file, 50, minutes=1e-9)
    assert found.stopped_by == "minutes"
    assert len(found.trials) == 1


def test_there_must_be_a_search_to_resume(settings: Settings, events_file: Path) -> None:
    with pytest.raises(UsageError, match="no search has"):
        searched(settings, events_file, 2, resume=True)


def test_searching_anew_keeps_the_search_before(settings: Settings, events_file: Path) -> None:
    first, second = (searched(settings, events_file, 1) for _ in range(2))
    assert (first.study[-2:], second.study[-2:]) == ("-1", "-2")
    assert first.file.exists()
    assert second.file.exists()


def test_settings_that_do_not_fit_each_other_are_a_finding_not_a_crash(
    settings: Settings, events_file: Path
) -> None:
    source = CompareRequest((), data=events_file)
    fixed = {"heads": "64", "dimension": "32"}
    asked = TuneRequest("gat", LONG, source, 3, fixed=fixed)
    with pytest.raises(UsageError, match="no trial was finished: 64 heads do not divide"):
        tune(settings, asked)
    # All three were tried, so there is nothing left to do.
    with pytest.raises(UsageError, match="no trial was finished"):
        tune(settings, replace(asked, resume=True), fail_if_asked)


def fail_if_asked(number: int, _now: Progress | None, _best: float | None) -> None:
    pytest.fail(f"trial {number} was begun")


@pytest.mark.parametrize("name", [*MODELS, *PLAIN])
def test_defaults_lie_where_they_are_searched_for(name: str) -> None:
    defaults_of = (
        TrainingRequest(name).configs_for(shop())
        if name in MODELS
        else (configure(PLAIN[name].config, {}),)
    )
    for defaults in defaults_of:
        kind = type(defaults)
        for setting, hint in search_space(kind).items():
            value = getattr(defaults, setting)
            assert hint.low <= value <= hint.high if isinstance(hint, Span) else value in hint
            ends = (hint.low, hint.high) if isinstance(hint, Span) else hint
            for end in ends:
                configure(kind, {setting: str(end)})


def test_a_fixed_setting_is_not_searched_and_a_plain_method_cannot_be() -> None:
    source = CompareRequest(())
    assert "epochs" not in TuneRequest("lightgcn", 1, source).space()
    assert "layers" in TuneRequest("lightgcn", 1, source).space()
    assert "layers" not in TuneRequest("lightgcn", 1, source, fixed={"layers": "2"}).space()
    assert set(TuneRequest("als", 1, source).space()) == {"dimension", "l2", "alpha"}
