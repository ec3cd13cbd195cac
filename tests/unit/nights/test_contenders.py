"""What could serve, judged on one window without a database: twins, vectors, plain methods."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.config import Settings
from engine.data.arrays import Int64Array
from engine.data.checkpoint_files import twin_of
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.errors import CheckpointInvalid, DataError, NotFound
from engine.evaluation.protocols import NextBasket, NextItemProtocol, SingleSplit, Window
from engine.experiments.training_request import TrainingRequest
from engine.graph.stored_generations import StoredGeneration
from engine.nights.contenders import Contenders, WindowCut
from engine.nights.retrain_request import RetrainRequest
from engine.nights.serving_run import ServingMethod
from engine.publishing.plain_generation import SERVED
from engine.store.registry import Registry
from engine.store.registry_records import Run
from engine.training import checkpoint
from engine.training.checkpoint import TrainedModel

from .conftest import DAY, FIRST, hundred_days


def no_data(request: TrainingRequest) -> TrainingData:
    """A model that needs no training is judged without asking for data."""
    pytest.fail(f"{request.model} was trained once more")


def tonight(
    settings: Settings,
    events: Interactions,
    *,
    baskets: Int64Array | None = None,
    **asked: Any,
) -> Contenders:
    request = RetrainRequest(**({"window_days": 10.0, "seed": 3} | asked))
    return Contenders.tonight(settings, TrainingData(events, baskets=baskets), request)


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


@pytest.fixture
def by_time(settings: Settings) -> Contenders:
    return tonight(settings, hundred_days())


@pytest.fixture
def at_random(settings: Settings) -> Contenders:
    return tonight(settings, hundred_days(timed=False))


def _model(**changed: Any) -> TrainedModel:
    """Vectors of two of the four users, the rows turned round, and of somebody who is gone."""
    model = TrainedModel(
        user_vectors=np.float32([[0, 1, 0], [0.6, 0.8, 0], [1, 0, 0]]),
        item_vectors=np.float32([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.6, 0.8, 0]]),
        users=Vocabulary(["gone", "u2", "u0"]),
        items=Vocabulary(["i5", "i2", "gone", "i0"]),
        scoring="cosine",
        popularity_weight=0.0,
        again_weight=0.0,
        half_life_days=10.0,
        model="lightgcn",
        settings={"split": "time", "until": FIRST + 80 * DAY, "days": 10.0},
        drift_weight=0.0,
    )
    return replace(model, **changed)


def _run(
    registry: Registry, home: Path, judged: dict[str, Any] | None = None, **twin: Any
) -> tuple[Run, StoredGeneration]:
    """A finished run with its checkpoint and its twin, and the generation made of it."""
    number = registry.start_run("lightgcn", {"epochs": 1} | (judged or {}), 1, 0, "test")
    path = Path("checkpoints") / str(number) / "model.pt"
    (home / path).parent.mkdir(parents=True)
    checkpoint.save(home / path, _model())
    checkpoint.save(twin_of(home / path), _model(**twin))
    registry.finish_run(number, "finished", {}, 1.0, str(path))
    registry.add_generation(9, number, "lightgcn", 3, {"created_at": 1})
    stored = {"run": number, "created_at": 1}
    return registry.run(number), StoredGeneration(9, "published", True, stored)


def test_the_window_is_the_newest_days(by_time: Contenders) -> None:
    end = FIRST - FIRST % DAY + 100 * DAY
    assert by_time.cut == WindowCut("time", Window(10, 1, end), 3)
    assert by_time.days == 10.0
    assert by_time.window.begins == FIRST + 90 * DAY


def test_the_window_is_a_fifth_of_all_events_at_most(settings: Settings) -> None:
    many = tonight(settings, hundred_days(), window_days=90.0)
    assert many.days == 20.0
    assert len(many.window.parts.later) == 20


def test_without_times_a_fifth_of_each_users_items_is_drawn(
    at_random: Contenders, settings: Settings
) -> None:
    assert at_random.cut == WindowCut("random", SingleSplit("random", 0.2), 3)
    assert at_random.days == 0.0
    assert sum(len(one) for one in vars(at_random.window.parts).values()) == 100
    again, other = (tonight(settings, hundred_days(timed=False), seed=n) for n in (3, 4))
    rows = [one.window.parts.later.item.tolist() for one in (at_random, again, other)]
    assert rows[0] == rows[1] != rows[2]


def test_plain_methods_are_those_that_can_be_served(by_time: Contenders) -> None:
    found = by_time.plain()
    assert set(found) == set(SERVED)
    # The first user comes back to one item, which buy-again puts first and popular too.
    assert found["buy-again"].values[0] == 1.0
    assert found["buy-again"].mean != found["popular"].mean


def test_a_candidate_is_judged_by_its_twin(
    by_time: Contenders, registry: Registry, home: Path
) -> None:
    run, _ = _run(registry, home)
    alike = by_time.candidate(run)
    better = _model().user_vectors[::-1].copy()
    checkpoint.save(home / (run.checkpoint or ""), _model(user_vectors=better))
    assert by_time.candidate(run).values.tolist() == alike.values.tolist()
    checkpoint.save(twin_of(home / (run.checkpoint or "")), _model(user_vectors=better))
    assert by_time.candidate(run).values.tolist() != alike.values.tolist()


def test_vectors_stand_at_the_rows_of_tonight(
    by_time: Contenders, registry: Registry, home: Path
) -> None:
    """The first user's vector is that of the item it keeps to; whoever is unknown has none."""
    run, _ = _run(registry, home)
    assert by_time.candidate(run).values[0] == 1.0
    shapes = by_time.shapes(run)
    assert (shapes["User"].missing, shapes["Item"].missing) == (2, 3)
    assert shapes["User"].mean_cosine == pytest.approx(0.6)
    assert shapes["Item"].mean_cosine == pytest.approx((0 + 0.6 + 0.8) / 3)


def test_what_a_model_does_not_learn_from_needs_no_vector(
    settings: Settings, registry: Registry, home: Path
) -> None:
    """Events that weigh nothing are no events of linear confidence, and few stars none of likes."""
    events = hundred_days()
    weightless = replace(events, weight=np.where(events.user == 0, events.weight, np.float32(0)))
    judged = tonight(settings, weightless)
    run, _ = _run(registry, home)
    path = home / (run.checkpoint or "")
    for own, missing in (({}, 2), ({"confidence": "linear"}, 0), ({"confidence": "threshold"}, 0)):
        checkpoint.save(path, _model(settings={**own, "threshold": 0.5}))
        assert judged.shapes(run)["User"].missing == missing


def test_the_coordinate_of_the_trend_is_no_part_of_the_shape(
    by_time: Contenders, registry: Registry, home: Path
) -> None:
    run, _ = _run(registry, home)
    users = np.float32([[0, 1, 9], [0.6, 0.8, 9], [1, 0, 9]])
    path = home / (run.checkpoint or "")
    checkpoint.save(path, _model(user_vectors=users, settings={"trend": 0.5}))
    assert by_time.shapes(run)["User"].mean_cosine == pytest.approx(0.6)
    checkpoint.save(path, _model(user_vectors=users, settings={"trend": 0.0}))
    assert by_time.shapes(run)["User"].mean_cosine > 0.9


def test_a_plain_generation_is_its_method(by_time: Contenders, registry: Registry) -> None:
    one = StoredGeneration(4, "published", True, {"plain": "popular"})
    found = by_time.in_service(no_data, registry, one)
    assert (found.number, found.name, found.how) == (4, "popular", "the plain method itself")
    assert found.judged is not None
    expected = by_time.plain()["popular"].values.tolist()
    assert found.judged.values.tolist() == expected
    assert by_time.as_served(registry, one).values.tolist() == expected


def test_a_generation_of_another_home_cannot_be_judged(
    by_time: Contenders, registry: Registry
) -> None:
    one = StoredGeneration(4, "published", True, {"run": 1})
    found = by_time.in_service(no_data, registry, one)
    assert found == ServingMethod(4, "generation 4", None, "its run is not in this registry")
    with pytest.raises(NotFound, match="run of generation 4"):
        by_time.as_served(registry, one)


@pytest.mark.parametrize(
    ("twin", "how"),
    [
        ({"until": FIRST + 80 * DAY, "days": 10.0}, "its twin"),
        ({"until": FIRST + 90 * DAY, "days": 15.0}, "its twin"),
        ({"until": FIRST + 90 * DAY, "days": 5.0}, "its twin"),
        ({"until": FIRST + 90 * DAY, "days": 15.1}, "its vectors, older than the window"),
        ({"until": FIRST + 90 * DAY, "days": 4.9}, "its vectors, older than the window"),
        ({"until": FIRST + 91 * DAY, "days": 10.0}, "its vectors, older than the window"),
        ({"until": 0, "days": 10.0}, "its vectors, older than the window"),
        ({"split": "random"}, "its vectors, older than the window"),
    ],
)
def test_a_twin_must_know_nothing_of_the_window_and_have_had_a_like_one(
    by_time: Contenders, registry: Registry, home: Path, twin: dict[str, Any], how: str
) -> None:
    run, one = _run(registry, home, settings={"split": "time"} | twin)
    one = replace(one, settings={**one.settings, "newest_at": FIRST + 89 * DAY})
    found = by_time.in_service(no_data, registry, one)
    assert (found.name, found.how) == ("generation 9", how)
    assert found.judged is not None
    if how != "its twin":
        assert found.judged.values.tolist() == by_time.as_served(registry, one).values.tolist()
    assert run.checkpoint is not None


def test_what_happened_since_a_model_learned_is_folded_in(
    by_time: Contenders, registry: Registry, home: Path
) -> None:
    """The third user, who was taken for one of i5, has had i2 and i0 again and again since."""
    run, one = _run(registry, home)
    users = np.float32([[0, 1, 0], [1, 0, 0], [1, 0, 0]])
    drifting = _model(user_vectors=users, drift_weight=1.0)
    checkpoint.save(home / (run.checkpoint or ""), drifting)
    early, late = (
        by_time.as_served(registry, replace(one, settings={**one.settings, "newest_at": at}))
        for at in (FIRST + 10 * DAY, FIRST + 95 * DAY)
    )
    unknown = by_time.as_served(registry, one)
    assert early.values[2] > late.values[2]
    assert early.values[[0, 1, 3]].tolist() == late.values[[0, 1, 3]].tolist()
    # Without a time of its own a generation has learned everything that is known.
    assert unknown.values.tolist() == late.values.tolist()


def test_a_checkpoint_that_is_gone_is_an_error(
    by_time: Contenders, registry: Registry, home: Path
) -> None:
    run, one = _run(registry, home)
    (home / (run.checkpoint or "")).unlink()
    with pytest.raises(CheckpointInvalid):
        by_time.as_served(registry, one)


def by_basket(settings: Settings, **asked: Any) -> Contenders:
    """Two events of a user a basket, four days apart: of the ten newest days some begin before."""
    day = np.arange(100)
    return tonight(
        settings, hundred_days(), baskets=day // 8 * 4 + day % 4, protocol="next-basket", **asked
    )


def test_the_last_basket_begun_in_the_newest_days_is_held_out(settings: Settings) -> None:
    found = by_basket(settings)
    end = FIRST - FIRST % DAY + 100 * DAY
    assert found.cut == WindowCut("time", NextBasket(10, 1, end), 3)
    # Baskets begin on the days 88 to 91 and 96 to 99: of the first two the cut, day 90, is later.
    later = found.window.parts.later
    asked = sorted(zip(later.user.tolist(), ((later.at - FIRST) // DAY).tolist(), strict=True))
    assert asked == [(0, 96), (1, 97), (2, 98), (3, 99)]
    # Nobody knows anything from the cut on, though the first basket comes six days later.
    assert found.window.begins == end - 10 * DAY
    assert found.window.parts.earlier.at.max() < found.window.begins


@pytest.mark.parametrize(("day", "how"), [(89, "its twin"), (92, "its vectors, older than th")])
def test_a_twin_that_knows_days_after_the_cut_is_not_asked_for_a_later_basket(
    settings: Settings, registry: Registry, home: Path, day: int, how: str
) -> None:
    twin = {"protocol": "next-basket", "until": FIRST + day * DAY, "days": 10.0}
    judged = {"protocol": "next-basket", "window_days": 10, "cuts": 1}
    _, one = _run(registry, home, judged, settings=twin)
    one = replace(one, settings={**one.settings, "newest_at": FIRST + 80 * DAY})
    found = by_basket(settings).in_service(no_data, registry, one)
    assert found.how.startswith(how)
    assert found.trained_for is None


@pytest.mark.parametrize(
    ("then", "tonight_by", "other"),
    [
        ("window", "next-basket", "window"),
        ("next-basket", "window", "next-basket"),
        ("window", "window", None),
        (None, "window", None),
        (None, "next-basket", "split"),
    ],
)
def test_what_serves_is_judged_as_all_are_and_says_what_it_was_trained_for(
    settings: Settings,
    registry: Registry,
    home: Path,
    then: str | None,
    tonight_by: str,
    other: str | None,
) -> None:
    judged = {"protocol": then, "window_days": 10, "cuts": 1} if then else {"split": "time"}
    run, one = _run(
        registry, home, judged, settings={**judged, "until": FIRST + 89 * DAY, "days": 10.0}
    )
    contenders = tonight(settings, hundred_days(), protocol=tonight_by)
    found = contenders.in_service(no_data, registry, one)
    assert (found.how, found.trained_for) == ("its twin", other)
    # The same lists of the same users: the same figure as a candidate of these vectors.
    assert found.judged is not None
    assert found.judged.values.tolist() == contenders.candidate(run).values.tolist()


@pytest.mark.parametrize("then", [{"protocol": "next-item"}, {"split": "time"}])
def test_each_users_last_event_is_held_out_and_no_twin_is_asked_for_it(
    settings: Settings, registry: Registry, home: Path, then: dict[str, Any]
) -> None:
    contenders = tonight(settings, hundred_days(), protocol="next-item")
    assert contenders.cut == WindowCut("leave-last-out", NextItemProtocol(), 3)
    assert contenders.days == 0.0
    assert len(contenders.window.parts.later) == 4
    # As long a window as tonight's, and older than the first event that is asked for.
    twin = then | {"until": FIRST + 80 * DAY, "days": 0.0}
    run, one = _run(registry, home, then, settings=twin)
    one = replace(one, settings={**one.settings, "newest_at": FIRST + 80 * DAY})
    asked: list[TrainingRequest] = []

    def data(request: TrainingRequest) -> TrainingData:
        asked.append(request)
        raise DataError("nothing to train on here")

    found = contenders.in_service(data, registry, one)
    assert found == ServingMethod(9, "generation 9", None, "nothing to train on here")
    assert [(one.model, one.judged_by) for one in asked] == [("lightgcn", NextItemProtocol())]
    # Its ranker is of one moment, so it cannot be judged as it serves; without it is not silent.
    registry.record_ranker(run.id, "digest", {})
    ranked = contenders.in_service(no_data, registry, one)
    assert ranked.judged is None
    assert "its ranker puts the candidates of one moment in order" in ranked.how


@pytest.mark.parametrize(
    ("protocol", "days", "text"),
    [
        ("next-basket", None, "100 of 100 events have no time"),
        ("next-item", None, "100 of 100 events have no time"),
        ("next-basket", 3, "the newest day holds more than a fifth of all events"),
    ],
)
def test_who_asks_for_baskets_or_items_is_never_judged_by_something_else(
    settings: Settings, protocol: str, days: int | None, text: str
) -> None:
    events = hundred_days(timed=days is not None)
    if days is not None:
        events = replace(events, at=FIRST + np.arange(100) * days // 100 * DAY)
    with pytest.raises(DataError, match=text):
        tonight(settings, events, protocol=protocol)
    assert len(tonight(settings, events).window.parts.later) >= 4  # a window takes what there is
