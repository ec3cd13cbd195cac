"""What every model of the tables keeps: a new one is held to it by being listed there."""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.model_options import configure, describe
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.experiments import experiment
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS, PLAIN
from engine.models.encoder import Encoder
from engine.training.batch_factories import SOURCES
from engine.training.data_sized import sized
from engine.training.losses import LOSSES
from engine.training.trainer import TrainingHooks, train
from engine.training.training_config import TrainingConfig

# Of two tastes half of all nodes are of the own one: more noise would push those apart.
SMALL = {"dimension": "8", "start": "normal", "noise": "1"}
VARIANTS = (
    *((name, {}) for name in MODELS),
    ("lightgcn", {"alphas": "learned"}),
    ("lightgcn", {"alphas": "0.4,0.3,0.2,0.1"}),
    ("gcn", {"normalisation": "symmetric"}),
    ("gcn", {"normalisation": "symmetric", "fanout": "5"}),
    ("ngcf", {"ablation": "f"}),
    ("ngcf", {"ablation": "n"}),
    ("ngcf", {"ablation": "fn", "combine": "sum"}),
    ("graphsage", {"aggregator": "max"}),
    ("graphsage", {"aggregator": "lstm", "fanout": "5"}),
    ("gat", {"join": "average", "heads": "2"}),
    ("pinsage", {"pooling": "max"}),
    ("pinsage", {"pooling": "mean", "pairs": "together"}),
    ("pinsage", {"pooling": "none", "hard_most": "0"}),
    ("sasrec", {"time_gaps": "true", "target": "moment"}),
    ("tgat", {"users_at": "newest", "layers": "1"}),
    ("tgat", {"memory": "4"}),
    ("deepwalk", {"path": "user-item"}),
    ("node2vec", {"facts": "true", "p": "0.5"}),
    ("transe", {"scoring": "dot"}),
    ("transe", {"relations": "events"}),
    ("transe", {"norm": "l1"}),
    ("twhin", {"relations": "events", "serve": "interaction"}),
    ("twhin", {"scoring": "dot"}),
    ("distmult", {"scoring": "dot", "inverse": "false"}),
    ("complex", {"scoring": "dot", "relations": "events"}),
    ("complex", {"scoring": "cosine", "inverse": "true"}),
    ("rotate", {"scoring": "dot"}),
    ("rotate", {"norm": "l1"}),
)
FLOOR = 0.9
# What memory carries from batch to batch is state and not trained.
CARRIED = {f"memory.{name}" for name in ("held", "written_at", "other", "met_at", "batches")}
every_model = pytest.mark.parametrize("name", MODELS)
every_variant = pytest.mark.parametrize(
    ("name", "settings"),
    VARIANTS,
    ids=["-".join((name, *settings.values())) for name, settings in VARIANTS],
)
every_plain = pytest.mark.parametrize("name", PLAIN)


def two_tastes(users: int = 40, items: int = 30) -> Interactions:
    """Even users take even items, odd users odd ones; the last of each take nothing."""
    generator = np.random.default_rng(2)
    user = np.repeat(np.arange(users), 10)
    item = 2 * generator.integers(0, items // 2, len(user)) + user % 2
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(users + 1)]),
        Vocabulary([f"i{n}" for n in range(items + 1)]),
        user,
        item,
        at=np.arange(1, len(user) + 1) * 3_600_000,
    )


def material_for(name: str, config: Any) -> TrainingData:
    """Return the events, and beside them what the model wants; nothing is known of the last."""
    events, wants = two_tastes(), MODELS[name].wants(config)
    generator = np.random.default_rng(4)
    features = generator.standard_normal((events.n_items, 12)).astype(np.float32)
    features[-1] = 0.0
    item = np.arange(events.n_items - 1)
    shelf = events.n_users + events.n_items + item % 6
    facts = (events.n_users + item, np.zeros(len(item), dtype=np.int64), shelf)
    entities = Vocabulary([f"Shelf:{number}" for number in range(7)])
    return TrainingData(
        events,
        Knowledge.of((events.n_users, events.n_items), entities, ("STANDS_ON",), facts)
        if "facts" in wants
        else None,
        NodeFeatures(items=features) if "features" in wants else None,
    )


def build(name: str, settings: dict[str, str], seed: int = 0) -> Encoder[Any]:
    chosen = MODELS[name]
    known = {one.name for one in fields(chosen.config)}
    small = {key: value for key, value in SMALL.items() if key in known}
    config = configure(chosen.config, small | settings)
    return chosen.build(material_for(name, config), config, np.random.default_rng(seed))


def trained(name: str, settings: dict[str, str], epochs: int) -> Encoder[Any]:
    encoder = build(name, settings)
    # A walk of 20 nodes makes 170 pairs.
    size = "1024" if MODELS[name].batches == "walks" else "64"
    own = {"batch_size": size, "negative_count": "8", "recency": "0", "epochs": str(epochs)}
    if MODELS[name].batches == "events":  # six steps an epoch: few for small ones
        own |= {"learning_rate": "0.01", "decay": "none"}
    config = configure(TrainingConfig, dict(MODELS[name].training) | own)
    fit(name, encoder, config)
    return encoder


def fit(name: str, encoder: Encoder[Any], config: TrainingConfig) -> None:
    draw = SOURCES[MODELS[name].batches]
    material = material_for(name, encoder.config)
    config = sized(config, MODELS[name].batches, material.events)
    train(encoder, draw(material, encoder.config, config, 1), config, TrainingHooks())


def separation(scores: np.ndarray) -> float:
    """Return how often an unseen item of the user's taste is ahead of one of the other taste."""
    data = two_tastes()
    seen = data.csr(binary=True).toarray()[:40, :30] > 0
    same = (np.arange(40)[:, None] + np.arange(30)) % 2 == 0
    present = data.item_counts()[:30] > 0
    wins = [
        (
            scores[user, :30][same[user] & ~seen[user] & present][:, None]
            > scores[user, :30][~same[user] & present][None, :]
        ).mean()
        for user in range(40)
    ]
    return float(np.mean(wins))


@every_variant
def test_a_known_answer_is_learned(name: str, settings: dict[str, str]) -> None:
    before, after = build(name, settings).encode(), trained(name, settings, 20).encode()
    reached = separation(after.users @ after.items.T)
    assert reached > FLOOR
    assert reached > separation(before.users @ before.items.T)


@every_variant
def test_the_same_seed_gives_the_same_bits(name: str, settings: dict[str, str]) -> None:
    first, again = trained(name, settings, 1).encode(), trained(name, settings, 1).encode()
    np.testing.assert_array_equal(first.users, again.users)
    np.testing.assert_array_equal(first.items, again.items)


@every_variant
def test_a_step_changes_every_trained_tensor(name: str, settings: dict[str, str]) -> None:
    before, after = build(name, settings).state(), trained(name, settings, 1).state()
    assert before.keys() == after.keys()
    for key, tensor in before.items():
        assert tensor.requires_grad == (key not in CARRIED), key
        assert not torch.equal(tensor, after[key]), key


@every_variant
def test_the_state_is_all_of_a_model(name: str, settings: dict[str, str]) -> None:
    encoder, other = trained(name, settings, 1), build(name, settings, seed=9)
    with torch.no_grad():
        for key, tensor in other.state().items():
            tensor.copy_(encoder.state()[key])
    np.testing.assert_array_equal(encoder.encode().users, other.encode().users)
    np.testing.assert_array_equal(encoder.encode().items, other.encode().items)


@every_model
@pytest.mark.parametrize("scoring", ["cosine", "dot"])
def test_vectors_have_their_shape_and_length(name: str, scoring: str) -> None:
    encoder = build(name, {"scoring": scoring})
    found = encoder.encode()
    assert encoder.config.scoring == scoring
    assert found.users.dtype == found.items.dtype == np.float32
    assert (len(found.users), len(found.items)) == (41, 31)
    assert found.users.shape[1] == found.items.shape[1]
    assert not found.users[40].any()
    assert not found.items[30].any()
    if found.entities is not None:
        assert found.entities.shape == (7, found.items.shape[1])
        assert found.entities[:6].any(axis=1).all()
        assert not found.entities[6].any(), "no fact says anything of the last shelf"
    if scoring == "cosine":
        present = two_tastes().item_counts() > 0
        np.testing.assert_allclose(np.linalg.norm(found.users[:40], axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(np.linalg.norm(found.items[present], axis=1), 1, atol=1e-5)


@every_model
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_trains_it(name: str, loss: str) -> None:
    encoder = build(name, {})
    config = TrainingConfig(loss=loss, batch_size=128, epochs=1, negative_count=8, recency=0.0)
    fit(name, encoder, config)
    assert np.isfinite(encoder.encode().items).all()


@every_model
def test_an_experiment_runs_with_it(name: str, tmp_path: Path) -> None:
    settings = {"dimension": "8", "epochs": "1", "batch_size": "128", "negative_count": "8"}
    request = TrainingRequest(model=name, settings=settings, split="random", refit=False)
    material = material_for(name, request.configs()[0])
    metrics = experiment.run(material, request, tmp_path).metrics()
    assert f"unseen.{name}.ndcg@20" in metrics
    assert all(np.isfinite(value) for value in metrics.values())


@pytest.mark.parametrize("name", [*MODELS, *PLAIN])
def test_a_config_survives_text_and_json(name: str) -> None:
    config = {**MODELS, **PLAIN}[name].config
    values = asdict(config())
    assert configure(config, {key: str(value) for key, value in values.items()}) == config()
    assert config(**json.loads(json.dumps(values))) == config()
    assert len(describe(config)) == len(values), "every field has a default, a help and a range"


@every_plain
def test_a_plain_method_scores_every_item(name: str) -> None:
    chosen = PLAIN[name]
    model = chosen.build(two_tastes(), chosen.config(), np.random.default_rng(0))
    rows = np.array([3, 0, 40])
    scores = model.score(rows)
    assert scores.shape == (3, 31)
    assert scores.dtype == np.float32
    # P-Top lists nobody's new items.
    assert (np.isfinite(scores) | (name == "p-top") & np.isneginf(scores)).all()
    assert np.isfinite(scores[:2]).any(axis=1).all()
    scores[:] = -1.0  # the caller may change it
    assert not (model.score(rows) == -1.0).all()
    again = chosen.build(two_tastes(), chosen.config(), np.random.default_rng(0))
    np.testing.assert_array_equal(model.score(rows), again.score(rows))
    assert hasattr(model, "embeddings") is chosen.vectors
    assert hasattr(model, "item_edges") is chosen.edges


@pytest.mark.parametrize(
    "name", ["item-knn", "ease", "als", "spectral-filter", "chebyshev", "rp3beta"]
)
def test_a_plain_method_that_looks_at_tastes_finds_them(name: str) -> None:
    chosen = PLAIN[name]
    small = {"dimension": "4"} if name == "als" else {}
    small |= {"factors": "4"} if name in ("spectral-filter", "chebyshev") else {}
    config = configure(chosen.config, small)
    model = chosen.build(two_tastes(), config, np.random.default_rng(0))
    assert separation(model.score(np.arange(40))) > FLOOR
