"""What the steps of a night read of the nights before it, and share."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.config import Settings
from engine.experiments.training_request import TrainingRequest
from engine.nights import night_steps
from engine.nights.night_steps import NightContext
from engine.nights.retrain_request import RetrainRequest
from engine.nights.waiting import FolderRequest
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

from .conftest import hundred_days

NO_GRAPH: GraphClient = None  # type: ignore[assignment]


@pytest.fixture
def context(registry: Registry, home: Path) -> NightContext:
    return NightContext(
        Settings(home=home), RetrainRequest(), (NO_GRAPH, registry), 9, lambda *_: None
    )


def _night(registry: Registry, asked: str, status: str, **steps: dict[str, Any]) -> None:
    night = registry.nights.begin(asked)
    for name, result in steps.items():
        registry.nights.record_step(night.id, name, result, 0.1)
    registry.nights.finish(night.id, status, None)


def test_the_last_look_is_that_of_a_finished_night(
    context: NightContext, registry: Registry
) -> None:
    assert night_steps.last_look(context, None) is None
    _night(registry, "this", "finished", load={"files": []}, look={"watermark": 1})
    _night(registry, "other", "finished", load={"files": []}, look={"watermark": 2})
    _night(registry, "this", "failed", look={"watermark": 3})
    assert night_steps.last_look(context, None) == {"watermark": 2}
    assert night_steps.last_look(context, "this") == {"watermark": 1}
    assert night_steps.last_look(context, "never asked") is None
    _night(registry, "this", "finished")  # it goes on with the one that failed
    assert night_steps.last_look(context, "this") == {"watermark": 3}


def test_without_a_folder_no_file_waits(context: NightContext) -> None:
    assert context.request.waiting is None
    assert night_steps.load(context) == {"files": []}


def test_an_empty_folder_has_no_files(registry: Registry, home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "waiting"
    folder.mkdir()
    request = RetrainRequest(waiting=FolderRequest(folder))
    stores = (NO_GRAPH, registry)
    context = NightContext(Settings(home=home), request, stores, 9, lambda *_: None)
    assert (context.night, context.request, context.registry) == (9, request, registry)
    assert night_steps.load(context) == {"files": []}


def test_what_a_model_and_its_ranker_learn_from_is_pulled_once(context: NightContext) -> None:
    """Whatever asks the graph a second time finds none here."""
    events = hundred_days()
    context.pulled = (events, np.full(len(events), -1), 5)
    context.dislikes = None
    first = context.data(TrainingRequest("lightgcn"))
    assert first.material.events is events
    assert first.material.baskets is not None
    assert first.watermark == 5
    again = context.data(TrainingRequest("bpr-mf", {"epochs": "3"}))
    assert again.material is first.material
