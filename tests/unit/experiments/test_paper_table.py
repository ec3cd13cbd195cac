from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import UsageError
from engine.experiments.fitting import FitObserver, TrainingStopped
from engine.experiments.paper_table import PaperTableRequest, paper_table
from engine.training.trainer import Progress

SMALL = {"dimension": "8", "epochs": "3", "batch_size": "64", "negative_count": "8"}


@pytest.fixture
def order(tmp_path: Path) -> PaperTableRequest:
    """A small split, and one row of the table."""
    rng = np.random.default_rng(3)
    for name, count in (("train", 12), ("test", 3)):
        lines = [f"{u} {' '.join(map(str, rng.permutation(40)[:count]))}" for u in range(50)]
        (tmp_path / f"{name}.txt").write_text("\n".join(lines))
    return PaperTableRequest(tmp_path, tmp_path / "kept", ("lightgcn",), (2,), settings=SMALL)


def test_finished_rows_are_not_trained_again(order: PaperTableRequest) -> None:
    order = replace(order, models=("lightgcn", "ngcf"), layers=(1, 2))
    steps: list[str] = []
    watch = FitObserver(lambda stage, _: steps.append(stage))
    rows = paper_table(order, watch)
    asked = [(model, layers) for model in ("lightgcn", "ngcf") for layers in (1, 2)]
    assert [(row.model, row.layers) for row in rows] == asked
    assert all(row.published is None and 0 <= row.reached[0] <= 1 for row in rows)
    trained = len(steps)
    assert paper_table(order, watch) == rows
    assert len(steps) == trained


def test_a_stopped_table_goes_on_to_the_same_figures(order: PaperTableRequest) -> None:
    whole = paper_table(replace(order, keep=order.folder / "other"), FitObserver())
    steps: list[Progress] = []
    with pytest.raises(TrainingStopped):
        paper_table(order, FitObserver(lambda _, now: steps.append(now), lambda: len(steps) == 7))
    assert paper_table(order, FitObserver())[0].reached == whole[0].reached


def test_the_test_part_says_nothing_about_what_popularity_counts(order: PaperTableRequest) -> None:
    before = paper_table(order, FitObserver())[0]
    test = order.folder / "test.txt"
    test.write_text("\n".join(f"{user} 1 2 39" for user in range(50)))
    after = paper_table(replace(order, keep=order.folder / "anew"), FitObserver())[0]
    assert after.popularity_weight == before.popularity_weight
    assert after.reached != before.reached


def test_a_model_without_figures_is_refused(order: PaperTableRequest) -> None:
    with pytest.raises(UsageError, match="no oracle"):
        paper_table(replace(order, models=("oracle",)), FitObserver())
