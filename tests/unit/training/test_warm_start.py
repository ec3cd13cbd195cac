"""A warm start: vectors move by id, new nodes begin among their neighbours, nothing leaks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models.lightgcn import LightGCN, LightGCNConfig
from engine.training import warm_start
from engine.training.warm_start import FirstVectors


def _events(users: str, items: str, pairs: list[tuple[str, str]], newest: int) -> Interactions:
    names = Vocabulary(users.split()), Vocabulary(items.split())
    n = len(pairs)
    return Interactions.of(
        names[0],
        names[1],
        names[0].positions(user for user, _ in pairs),
        names[1].positions(item for _, item in pairs),
        at=np.arange(newest - n + 1, newest + 1),
        events=("buy",),
    )


def _model(events: Interactions) -> LightGCN:
    config = LightGCNConfig(dimension=4, start="normal")
    return LightGCN(events, config, np.random.default_rng(0))


@pytest.fixture
def start() -> FirstVectors:
    known = _events("b d", "p q", [("b", "p"), ("d", "q")], newest=100)
    vectors = torch.arange(16, dtype=torch.float32).reshape(4, 4)
    return FirstVectors(known.users, known.items, vectors, until=100)


def test_vectors_move_by_id_and_new_nodes_begin_among_their_neighbours(start: FirstVectors) -> None:
    pairs = [("a", "p"), ("a", "q"), ("b", "p"), ("d", "q"), ("d", "r"), ("b", "r")]
    now = _events("a b c d", "o p q r", pairs, newest=200)
    model = _model(now)
    drawn = model.state()["vectors"].detach().clone()
    assert warm_start.apply_start(model, start, now)
    got = model.state()["vectors"].detach()
    b, d, p, q = start.vectors
    torch.testing.assert_close(got[[1, 3, 5, 6]], torch.stack((b, d, p, q)))
    torch.testing.assert_close(got[0], (p + q) / 2)  # a, new: between p and q
    torch.testing.assert_close(got[7], (b + d) / 2)  # r, new: between b and d
    torch.testing.assert_close(got[[2, 4]], drawn[[2, 4]])  # c and o have nobody
    assert model.state()["vectors"].requires_grad


def test_vectors_that_have_seen_more_than_the_model_may_are_refused(start: FirstVectors) -> None:
    now = _events("b d", "p q", [("b", "p"), ("d", "q")], newest=100)
    model = _model(now)
    drawn = model.state()["vectors"].detach().clone()
    assert not warm_start.apply_start(model, replace(start, until=101), now)
    torch.testing.assert_close(model.state()["vectors"].detach(), drawn)


def test_vectors_of_another_length_are_refused(start: FirstVectors) -> None:
    now = _events("b d", "p q", [("b", "p"), ("d", "q")], newest=100)
    assert not warm_start.apply_start(
        _model(now), replace(start, vectors=start.vectors[:, :3]), now
    )


def test_what_is_taken_comes_back_from_disk(tmp_path: Path) -> None:
    events = _events("b d", "p q", [("b", "p"), ("d", "q")], newest=100)
    model = _model(events)
    taken = warm_start.first_vectors_of(model, events)
    assert taken is not None
    warm_start.save(tmp_path / "warm_start.pt", {"test": taken})
    found = warm_start.load(tmp_path / "warm_start.pt", "7")["test"]
    torch.testing.assert_close(found.vectors, model.state()["vectors"].detach())
    assert (found.users, found.items, found.until, found.key) == (
        events.users,
        events.items,
        100,
        "7",
    )
