"""What a model is judged by is what it would serve with what is known by then."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.training_data import TrainingData
from engine.experiments import experiment
from engine.experiments.served_model import blend_score
from engine.experiments.train import judged_model, trained
from engine.experiments.training_request import TrainingRequest
from engine.training.checkpoint import TrainedModel

from .conftest import FAST, shop

ALL = np.arange(60)


def judged(model: str, folder: Path, **settings: str) -> tuple[TrainedModel, Split]:
    """Train, and return the model that was judged, alone, and the parts it was judged on."""
    events = shop()
    request = TrainingRequest(model=model, settings=settings, refit=False)
    result = experiment.run(TrainingData(events), request, folder)
    twin = judged_model(trained(result, TrainingData(events), request, None), result)
    alone = replace(twin, popularity_weight=0.0, again_weight=0.0)
    parts = request.tasks(TrainingData(events))[0].parts
    return alone.by_rows_of(events.users, events.items), parts


def test_users_made_at_request_time_are_made_of_what_is_known(tmp_path: Path) -> None:
    model, parts = judged("sasrec", tmp_path, **FAST, layers="1")
    until = int(parts.earlier.at.max())
    active = np.unique(parts.earlier.user)
    # Nothing new: the vectors that torch made.
    stored = model.user_vectors[active] @ model.item_vectors.T
    found = blend_score(model, parts, until)(active)
    np.testing.assert_allclose(found, stored, atol=1e-5)
    # One user did more: as if that had been known to the training, and nobody else moves.
    one = int(active[0])
    after = replace(parts, earlier=_with(parts.earlier, one, item=3, at=until + 1_000))
    moved = blend_score(model, after, until)(active)
    np.testing.assert_allclose(moved[1:], found[1:], atol=1e-5)
    assert not np.allclose(moved[0], found[0], atol=1e-3)
    twin = replace(model, weights={})
    drifted = blend_score(twin, after, until)(active)
    assert not np.allclose(moved[0], drifted[0], atol=1e-3)


def test_edges_add_up_over_what_is_known(tmp_path: Path) -> None:
    model, parts = judged("rp3beta", tmp_path, edges="5", profile_half_life_days="0")
    until = int(parts.earlier.at.max())
    one = int(parts.earlier.user[0])
    after = replace(parts, earlier=_with(parts.earlier, one, item=3, at=until + 1_000))
    own = after.earlier.csr(binary=True).toarray()
    assert model.edges is not None
    expected = own / np.maximum(own.sum(axis=1, keepdims=True), 1) @ model.edges.toarray()
    some = own.any(axis=1)
    found = blend_score(model, after, until)(ALL)
    np.testing.assert_allclose(found[some], expected[some], atol=1e-5)


def _with(events: Interactions, user: int, item: int, at: int) -> Interactions:
    """Return events and one more."""
    return replace(
        events,
        user=np.append(events.user, user).astype(events.user.dtype),
        item=np.append(events.item, item).astype(events.item.dtype),
        weight=np.append(events.weight, 1.0).astype(events.weight.dtype),
        at=np.append(events.at, at),
        event=np.append(events.event, 0).astype(events.event.dtype),
    )
