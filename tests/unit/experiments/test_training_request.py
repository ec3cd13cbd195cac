import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.encoding.text_choice import TextChoice
from engine.data.training_data import TrainingData
from engine.errors import MissingExtra, UnknownModel, UsageError
from engine.evaluation.protocols import NextBasket, NextItemProtocol, Window
from engine.experiments.training_request import TrainingRequest, content, describe_settings
from engine.ranking.ranker import RankerSettings
from engine.store.registry import Registry
from engine.store.registry_schema import open_registry_engine
from tests.unit.three_users import DATA

WHOLE = TrainingData(DATA)


def test_settings_go_to_the_model_or_to_training() -> None:
    model, training = TrainingRequest("lightgcn", {"layers": "2", "epochs": "3"}).configs()
    assert model.layers == 2
    assert training.epochs == 3


def test_an_unknown_setting_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="there is no setting layer") as refused:
        TrainingRequest("lightgcn", {"layer": "2"}).configs()
    assert "layers" in (refused.value.hint or "")
    with pytest.raises(UnknownModel):
        TrainingRequest("word2vec").configs()


def test_a_library_that_lacks_is_told_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    TrainingRequest("als").configs()
    monkeypatch.setitem(sys.modules, "implicit", None)
    with pytest.raises(MissingExtra, match="the model als needs implicit"):
        TrainingRequest("als").configs()


def test_which_attributes_are_texts_is_a_setting_of_models_that_take_features() -> None:
    def texts(model: str, **settings: str) -> TextChoice:
        return TrainingRequest(model, settings).texts()

    assert texts("pinsage") == TextChoice("auto")
    for model in ("pinsage", "graphsage", "gcn", "gat"):
        named = texts(model, texts="title,about", sentence_model="models/small")
        assert named == TextChoice("title,about", "models/small")
    assert texts("lightgcn") == TextChoice("none")
    with pytest.raises(UsageError, match="there is no setting texts"):
        texts("lightgcn", texts="title")


def test_every_setting_is_listed_with_its_value() -> None:
    settings = TrainingRequest("lightgcn", {"layers": "2"}, "random", 0.1).effective()
    assert (settings["layers"], settings["split"], settings["fraction"]) == (2, "random", 0.1)
    described = {row["name"] for row in describe_settings("lightgcn")}
    assert {name for name in described if not name.startswith("ranker.")} <= set(settings)


@pytest.mark.parametrize(
    ("asked", "judged"),
    [
        ({}, ""),
        ({"split": "random"}, " --split random"),
        ({"protocol": Window(14, 2)}, " --protocol window --window-days 14 --cuts 2"),
        ({"protocol": NextItemProtocol()}, " --protocol next-item"),
        ({"seed": 3, "relevant_from": 4.0}, " --seed 3 --relevant-from 4"),
    ],
)
def test_a_training_is_said_as_a_command_without_its_defaults(
    asked: dict[str, Any], judged: str
) -> None:
    given = {"layers": "2", "dimension": "64", "epochs": "7", "ranker.leaves": "15"}
    request = TrainingRequest("lightgcn", given, **asked)
    assert request.effective()["dimension"] == TrainingRequest().effective()["dimension"]
    sets = " --set layers=2 --set epochs=7 --set ranker.leaves=15"
    assert request.command() == f"engine train --model lightgcn{sets}{judged}"


def test_only_the_same_request_on_the_same_data_is_continued() -> None:
    request = TrainingRequest("lightgcn", {"epochs": "3"})
    same = TrainingRequest("lightgcn", {"epochs": "3"}).fingerprint(WHOLE)
    assert request.fingerprint(WHOLE) == same
    fewer = TrainingData(DATA.select(DATA.item != 1))
    others = [
        replace(request, settings={"epochs": "4"}).fingerprint(WHOLE),
        replace(request, seed=1).fingerprint(WHOLE),
        replace(request, split="random").fingerprint(WHOLE),
        request.fingerprint(fewer),
    ]
    assert len({same, *others}) == 5


def test_data_are_the_same_in_any_order_of_their_rows() -> None:
    order = np.array([4, 2, 0, 1, 3])
    columns = {
        name: getattr(DATA, name)[order] for name in ("user", "item", "weight", "at", "event")
    }
    assert content(TrainingData(replace(DATA, **columns))) == content(WHOLE)
    heavier = replace(DATA, weight=DATA.weight * 2)
    assert content(TrainingData(heavier)) != content(WHOLE)


def test_settings_of_the_ranker_have_a_name_of_their_own() -> None:
    request = TrainingRequest("bpr-mf", {"ranker.leaves": "7", "dimension": "8"})
    assert request.ranker_settings() == RankerSettings(leaves=7)
    assert request.configs()[0].dimension == 8
    assert request.effective()["ranker.leaves"] == 7
    assert "ranker.trees" not in request.effective()
    for settings in ({"ranker.leaves": "1"}, {"ranker.depth": "3"}):
        with pytest.raises(UsageError, match=r"leaves|depth"):
            TrainingRequest("bpr-mf", settings).configs()
    assert "ranker.rows_per_leaf" in {row["name"] for row in describe_settings("bpr-mf")}


def test_a_plain_method_lists_what_becomes_of_its_vectors_where_it_has_some() -> None:
    listed = {
        name: "most_dimensions" in {row["name"] for row in describe_settings(name)}
        for name in ("als", "item-knn")
    }
    assert listed == {"als": True, "item-knn": False}


@pytest.mark.parametrize(
    "asked",
    [
        TrainingRequest("bpr-mf", {"dimension": "8", "ranker.leaves": "7"}, fraction=0.3, seed=5),
        TrainingRequest("als", split="random", relevant_from=3.0),
        TrainingRequest("als", protocol=Window(14, 2, end=9 * 86_400_000)),
        TrainingRequest("als", protocol=NextBasket(7, 3)),
        TrainingRequest("als", protocol=NextBasket(14, 2, end=9 * 86_400_000)),
        TrainingRequest("als", protocol=NextItemProtocol()),
    ],
)
def test_a_run_is_asked_for_again_as_it_was(asked: TrainingRequest, home: Path) -> None:
    engine = open_registry_engine(f"sqlite:///{home / 'registry.sqlite'}")
    registry = Registry(engine)
    number = registry.start_run(asked.model, asked.effective(), 1, asked.seed, "test")
    again = TrainingRequest.of_run(registry.run(number))
    engine.dispose()
    assert again.effective() == asked.effective()
    assert (again.judged_by, again.seed) == (asked.judged_by, asked.seed)
    assert again.ranker_settings() == asked.ranker_settings()
