"""Vectors as they are published: as many numbers as were chosen, and the trend's after them."""

from pathlib import Path

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.evaluation import reduction
from engine.evaluation.trend import Trend, fold
from engine.experiments import experiment
from engine.experiments.fitting import FitObserver
from engine.experiments.published_vectors import folded
from engine.experiments.train import judged_model, trained
from engine.experiments.training_request import TrainingRequest
from engine.models.encoder import Embeddings

from .conftest import shop

_WIDE = {"dimension": "300", "iterations": "2"}


class _Fitted:
    """Vectors that are ready, in the place of a model."""

    class config:  # noqa: N801
        scoring = "dot"

    def __init__(self, vectors: Embeddings) -> None:
        self._vectors = vectors

    def encode(self) -> Embeddings:
        return self._vectors


def _known(users: int, items: int) -> Interactions:
    rng = np.random.default_rng(0)
    ids = [Vocabulary([f"{n}" for n in range(size)]) for size in (users, items)]
    at = 1_600_000_000_000 + rng.integers(0, 10**10, 200)
    return Interactions.of(*ids, rng.integers(0, users, 200), rng.integers(0, items, 200), at=at)


def test_the_trend_is_the_last_number_of_reduced_vectors() -> None:
    rng = np.random.default_rng(1)
    sides = [rng.normal(size=(n, 90)).astype(np.float32) for n in (20, 30)]
    whole, known, trend = Embeddings(*sides), _known(20, 30), Trend(0.5, 45.0)
    found = folded(_Fitted(whole), known, trend, 64)  # type: ignore[arg-type]
    assert found.users.shape[1] == found.items.shape[1] == 65
    reduced = reduction.reduce(whole, 64, cosine=False)
    expected = fold(reduced.users, reduced.items, known, trend, cosine=False)
    assert (found.users == expected[0]).all()
    assert (found.items == expected[1]).all()
    same = folded(_Fitted(whole), known, Trend(), 128)  # type: ignore[arg-type]
    assert (same.items == whole.items).all()


@pytest.mark.parametrize("most", ["256", "0"])
def test_the_model_and_its_twin_hold_what_is_judged(tmp_path: Path, most: str) -> None:
    request = TrainingRequest("als", _WIDE | {"most_dimensions": most})
    said: list[str] = []
    material = TrainingData(shop())
    result = experiment.run(material, request, tmp_path, FitObserver(phase=said.append))
    final = trained(result, material, request, None)
    twin = judged_model(final, result)
    column = 1 if result.trend.weight else 0
    width = 300 if most == "0" else 64
    assert final.item_vectors.shape[1] == width + column
    assert twin.item_vectors.shape[1] == twin.user_vectors.shape[1] == width + column
    assert final.settings.get("reduced_to", 0) == (0 if most == "0" else 64)
    assert any("are published as 64" in one for one in said) == (most != "0")
    assert ("reduced.after" in result.metrics()) == (most != "0")


@pytest.mark.parametrize(("model", "after"), [("sasrec", 0), ("bpr-mf", 16)])
def test_a_model_that_makes_vectors_at_request_time_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, after: int
) -> None:
    monkeypatch.setattr(reduction, "WIDTHS", (16,))
    monkeypatch.setattr(reduction, "ENOUGH", 0.0)
    settings = {"dimension": "32", "epochs": "1", "most_dimensions": "16"}
    if model == "sasrec":
        settings |= {"length": "4", "layers": "1", "hidden": "4"}
    request = TrainingRequest(model, settings, refit=False)
    result = experiment.run(TrainingData(shop(30, 40, 400)), request, tmp_path)
    column = 1 if result.trend.weight else 0
    assert result.embeddings.items.shape[1] == (after or 32) + column
    assert result.reduction.after == after
