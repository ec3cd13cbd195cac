"""What a user does not want is a negative of that user's pairs, and of nobody else's."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.data.arrays import Float32Array
from engine.data.interactions import Interactions
from engine.data.item_impressions import ItemImpressions
from engine.data.negative_feedback import NegativeFeedback
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.errors import UsageError
from engine.experiments.fitting import FitObserver, Fitting
from engine.experiments.training_request import TrainingRequest
from engine.testing import two_tastes
from engine.training.own_negatives import OwnNegativeSampler

NO_SETTINGS: Mapping[str, str] = {}


def test_each_pair_of_who_dislikes_something_gets_one_of_that_users_items() -> None:
    feedback = NegativeFeedback.of([0, 0, 2, 3], [4, 5, 6, 7], [1.0, 0.5, 2.0, 1.0], 0)
    ids = Vocabulary([f"n{number}" for number in range(8)])
    # Nobody has the last item, so it has no vector.
    train = Interactions.of(ids, ids, np.zeros(7), np.arange(7))
    sampler = OwnNegativeSampler(feedback, train, 1)
    users = np.repeat(np.arange(5), 50)
    found = sampler.draw(users, 0, 0)
    assert found is not None
    owners = users[found.pairs.numpy()]
    assert set(zip(owners.tolist(), found.items.tolist(), found.weights.tolist(), strict=True)) == {
        (0, 4, 1.0),
        (0, 5, 0.5),
        (2, 6, 2.0),
    }
    assert found.pairs.tolist() == [*range(50), *range(100, 150)]
    assert sampler.draw(np.array([1, 3, 4]), 0, 0) is None
    assert OwnNegativeSampler(None, train, 1).draw(users, 0, 0) is None


def _scores(
    material: TrainingData, model: str, folder: Path, settings: Mapping[str, str] = NO_SETTINGS
) -> Float32Array:
    own = {"dimension": "16", "epochs": "8", "batch_size": "256", "learning_rate": "0.02"}
    request = TrainingRequest(model, settings=own | dict(settings))
    fitting = Fitting(material, request, folder, FitObserver())
    vectors = fitting.fit("final", material.events, epochs=8)[0].encode()
    return vectors.score(np.arange(material.events.n_users))


@pytest.mark.parametrize("model", ["bpr-mf", "lightgcn", "item-lightgcn", "graphsage", "sasrec"])
def test_disliked_items_sink_for_who_dislikes_them(model: str, tmp_path: Path) -> None:
    events = two_tastes.events()
    material = TrainingData(events)
    had = events.csr(binary=True).toarray() > 0
    # Some users of the even taste dislike two items of it that they never had.
    users = np.arange(0, 20, 2)
    even = (np.arange(events.n_items) % 2 == 0) & (events.item_counts() > 0)
    item = np.concatenate([np.flatnonzero(even & ~had[user])[:2] for user in users])
    user = np.repeat(users, 2)
    dislikes = NegativeFeedback.of(user, item, 1.0, 0)

    before = _scores(material, model, tmp_path / "before")
    after = _scores(replace(material, unwanted=dislikes), model, tmp_path / "after")

    def place(scores: Float32Array) -> float:
        """How many items stand before a disliked one, on average."""
        return float((scores[user] > scores[user, item][:, None]).sum(axis=1).mean())

    assert place(after) > place(before) + 1
    nobody = NegativeFeedback.of([], [], 1.0, 0)
    without = _scores(replace(material, unwanted=nobody), model, tmp_path / "nobody")
    np.testing.assert_array_equal(without, before)


def test_what_was_shown_and_never_taken_sinks_where_the_setting_asks_for_it(tmp_path: Path) -> None:
    events = two_tastes.events()
    had = events.csr(binary=True).toarray() > 0
    even = (np.arange(events.n_items) % 2 == 0) & (events.item_counts() > 0)
    item = np.concatenate([np.flatnonzero(even & ~had[user])[:2] for user in range(0, 20, 2)])
    user, times = np.repeat(np.arange(0, 20, 2), 2).astype(np.int32), np.full(20, 1_000)
    shown = ItemImpressions(user, item.astype(np.int32), np.ones(20, dtype=np.int32), times)
    material = TrainingData(events, shown=shown)

    plain = _scores(material, "bpr-mf", tmp_path / "plain")
    np.testing.assert_array_equal(
        plain, _scores(TrainingData(events), "bpr-mf", tmp_path / "without")
    )
    weighed = _scores(material, "bpr-mf", tmp_path / "weighed", {"shown_negatives": "1"})
    assert (weighed[user, item] < plain[user, item]).mean() > 0.8

    with pytest.raises(UsageError, match="models that draw negatives of a user: of events none"):
        TrainingRequest("tgat", settings={"shown_negatives": "0.3"}).configs()


def test_the_setting_is_part_of_the_run_and_asks_for_the_lists() -> None:
    request = TrainingRequest("bpr-mf", settings={"shown_negatives": "0.3"})
    assert request.effective()["shown_negatives"] == 0.3
    assert "shown" in request.wants()
    assert "shown" not in TrainingRequest("bpr-mf").wants()
    material = TrainingData(two_tastes.events())
    assert request.fingerprint(material) != TrainingRequest("bpr-mf").fingerprint(material)
    row = np.ones(1, dtype=np.int32)
    shown = replace(material, shown=ItemImpressions(row, row, row, np.ones(1, dtype=np.int64)))
    assert request.fingerprint(material) != request.fingerprint(shown)
