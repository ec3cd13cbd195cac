"""The blend without vectors tells people apart by what they had, and by nothing else."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from engine.data.reading.read_options import ReadOptions
from engine.data.training_data import TrainingData
from engine.experiments import blend_without_vectors
from engine.experiments.training_request import TrainingRequest
from engine.loading.event_file import read_events


@pytest.fixture
def known_and_scores(events_file: Path) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    """Who had what of the training part, and what everybody's items score."""
    events = read_events(events_file, ReadOptions()).events
    (task,) = TrainingRequest().tasks(TrainingData(events))
    known = task.parts.earlier
    users = np.arange(known.n_users)
    return (
        known.csr(binary=True).toarray() > 0,
        blend_without_vectors.scorer(task)(users),
    )


def test_an_item_that_neither_had_scores_the_same_for_both(
    known_and_scores: tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]],
) -> None:
    had, scores = known_and_scores
    for user in range(1, len(had)):
        neither = ~had[0] & ~had[user]
        np.testing.assert_allclose(scores[0, neither], scores[user, neither], rtol=1e-6)
    assert len(np.unique(scores[0, ~had[0]])) > 1  # the popular before the others


def test_an_item_scores_more_for_who_had_it(
    known_and_scores: tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]],
) -> None:
    had, scores = known_and_scores
    for item in np.flatnonzero(had.any(axis=0) & ~had.all(axis=0)):
        assert scores[had[:, item], item].min() > scores[~had[:, item], item].max()
