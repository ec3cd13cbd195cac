from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.errors import CheckpointInvalid
from engine.models.encoder import Embeddings
from engine.models.lightgcn import LightGCN, LightGCNConfig
from engine.training.batch_factories import SOURCES
from engine.training.trainer import Progress, TrainingHooks, TrainingOutcome, train
from engine.training.training_config import TrainingConfig

CONFIG = TrainingConfig(batch_size=64, epochs=4, negative_count=8, recency=0.0, learning_rate=0.01)


def two_tastes(users: int = 40, items: int = 30) -> Interactions:
    """Even users take even items, odd users odd ones."""
    generator = np.random.default_rng(2)
    user = np.repeat(np.arange(users), 8)
    item = 2 * generator.integers(0, items // 2, len(user)) + user % 2
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(users)]),
        Vocabulary([f"i{n}" for n in range(items)]),
        user,
        item,
        at=np.arange(1, len(user) + 1),
    )


def fit(
    hooks: TrainingHooks, config: TrainingConfig = CONFIG, seed: int = 1
) -> tuple[LightGCN, TrainingOutcome]:
    data = two_tastes()
    model = LightGCN(data, LightGCNConfig(dimension=8, start="normal"), np.random.default_rng(seed))
    batches = SOURCES["pairs"](TrainingData(data), model.config, config, seed)
    return model, train(model, batches, config, hooks)


def stop_after(steps: int) -> Callable[[], bool]:
    seen = iter(range(steps))
    return lambda: next(seen, None) is None


def vectors(model: LightGCN) -> torch.Tensor:
    return model.state()["vectors"].detach()


@pytest.mark.parametrize("negatives", ["uniform", "in-batch", "both"])
@pytest.mark.parametrize("loss", ["softmax", "bpr"])
def test_learns_two_tastes(loss: str, negatives: str) -> None:
    config = replace(CONFIG, loss=loss, negatives=negatives, epochs=15)
    found = fit(TrainingHooks(), config)[0].encode()
    scores = found.users @ found.items.T
    same = (np.arange(40)[:, None] + np.arange(30)) % 2 == 0
    assert scores[same].mean() > scores[~same].mean() + 0.3


@pytest.mark.parametrize("steps", [1, 3, 5, 7, 12])
def test_stopped_and_continued_equals_unbroken(tmp_path: Path, steps: int) -> None:
    def validate(found: Embeddings) -> float:
        return float(found.users[0] @ found.items[0])

    unbroken, whole = fit(TrainingHooks(validate=validate))
    path = tmp_path / "state.pt"
    _, part = fit(TrainingHooks(validate=validate, save_to=path, should_stop=stop_after(steps)))
    assert not part.finished
    continued, rest = fit(TrainingHooks(validate=validate, save_to=path))
    assert rest == whole
    assert torch.equal(vectors(continued), vectors(unbroken))


def test_same_seed_same_bits_other_seed_others() -> None:
    first, again, other = (vectors(fit(TrainingHooks(), seed=seed)[0]) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_early_stopping_keeps_the_best_epoch() -> None:
    metrics = iter([0.1, 0.5, 0.4, 0.3, 0.2, 0.1])
    config = replace(CONFIG, epochs=6, patience=2)
    stopped, outcome = fit(TrainingHooks(validate=lambda _: next(metrics)), config)
    assert (outcome.epochs, outcome.metric, len(outcome.history)) == (2, 0.5, 4)
    two_epochs, _ = fit(TrainingHooks(), replace(config, epochs=2))
    assert torch.equal(vectors(stopped), vectors(two_epochs))


def test_a_state_of_other_settings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    fit(TrainingHooks(save_to=path, fingerprint="one"))
    with pytest.raises(CheckpointInvalid):
        fit(TrainingHooks(save_to=path, fingerprint="two"))


def test_progress_counts_every_step() -> None:
    seen: list[Progress] = []
    fit(TrainingHooks(report=seen.append))
    assert [one.step for one in seen] == list(range(1, seen[-1].steps + 1))
    assert seen[-1].seconds_left == 0
