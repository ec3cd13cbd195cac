from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.model_options import configure
from engine.data.training_data import TrainingData
from engine.errors import DataError, ModelError, UsageError
from engine.models import MODELS
from engine.models.encoder import Scored
from engine.models.pinsage import ABLATIONS, ItemPairs, PinSage, PinSageConfig
from engine.training.training_config import TrainingConfig

CONFIG = PinSageConfig(
    dimension=4, hidden=8, neighbours=3, walks=500, hard_from=1, hard_to=4, length=3
)
BATCH = ItemPairs(
    queries=torch.tensor([0, 1, 3]),
    positives=torch.tensor([1, 2, 5]),
    negatives=torch.tensor([1, 3, 4]),
    ranks=torch.tensor([[1, 2], [3, 1], [2, 2]]),
)


def material(train: Interactions) -> TrainingData:
    drawn = np.random.default_rng(3).standard_normal((train.n_items, 5)).astype(np.float32)
    drawn[6] = 0.0
    return TrainingData(train, features=NodeFeatures(items=drawn))


def built(train: Interactions, config: PinSageConfig = CONFIG, seed: int = 0) -> PinSage:
    return PinSage(material(train), config, np.random.default_rng(seed))


def margin(batch: Scored) -> torch.Tensor:
    return torch.relu(batch.others - batch.own[:, None] + 0.3).mean()


@pytest.mark.parametrize("pooling", ["importance", "mean", "max", "none"])
@pytest.mark.parametrize("scoring", ["cosine", "dot"])
def test_a_step_scores_as_the_finished_vectors_do(
    small_graph: Interactions, pooling: str, scoring: str
) -> None:
    model = built(small_graph, replace(CONFIG, pooling=pooling, scoring=scoring))
    seen: list[Scored] = []

    def keep(batch: Scored) -> torch.Tensor:
        seen.append(batch)
        return margin(batch)

    model.fit_step(BATCH, keep)
    z = torch.from_numpy(model.encode().items)
    queries = z[BATCH.queries]
    torch.testing.assert_close(seen[0].own, (queries * z[BATCH.positives]).sum(dim=1))
    expected = queries @ z[BATCH.negatives].T
    # Left out: item 1 as the first's own positive and as the second's query, item 3 as the third's.
    for row, column in ((0, 0), (1, 0), (2, 1)):
        expected[row, column] = -torch.inf
    torch.testing.assert_close(seen[0].others[:, :3], expected)
    ranked = model._ranked[BATCH.queries[:, None], BATCH.ranks]
    for row, column in np.ndindex(3, 2):
        item = int(ranked[row, column])
        score = seen[0].others[row, 3 + column].item()
        if item < 0 or item == BATCH.positives[row]:
            assert score == -np.inf
        else:
            assert score == pytest.approx(float(queries[row] @ z[item]), abs=1e-6)


def test_every_weight_learns(small_graph: Interactions) -> None:
    model = built(small_graph)
    model.fit_step(BATCH, margin).backward()  # type: ignore[no-untyped-call]
    assert sorted(model.state()) == sorted(
        ["G1", "G2", "g", *(f"{layer}.{name}" for layer in (1, 2) for name in "WwQq")]
    )
    for name, tensor in model.state().items():
        assert tensor.grad is not None, name
        assert tensor.grad.abs().sum() > 0, name


def test_a_known_item_given_as_unseen_comes_near_its_own_vector(
    small_graph: Interactions,
) -> None:
    # One hop, so that the walks of the new item are all that differs.
    config = replace(CONFIG, layers=1, walks=5_000, neighbours=6, hard_most=0)
    model = built(small_graph, config)
    features = material(small_graph).features
    assert features is not None
    assert features.items is not None
    user, item = small_graph.csr(binary=True).nonzero()
    chosen = item == 2
    edges = np.zeros(chosen.sum(), dtype=np.int64), user[chosen]
    found = model.embed("items", features.items[[2]], edges)
    own = model.encode().items
    # It hears itself too: it is an item of the graph to the new one.
    assert (own[2] @ found[0]) > 0.97
    assert (own[:6] @ found[0]).argmax() == 2


def test_an_unseen_item_goes_by_its_features_and_its_edges(small_graph: Interactions) -> None:
    model = built(small_graph)
    features = np.ones((3, 5), dtype=np.float32)
    features[2] = -1.0
    edges = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1])
    same, again, other = model.embed("items", features, edges)
    assert same @ again > 0.98
    assert np.abs(same - other).max() > 1e-2
    alone = model.embed("items", features, (edges[0][:0], edges[1][:0]))
    np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-5)
    assert np.abs(alone[0] - same).max() > 1e-3
    with pytest.raises(ModelError, match="4 features"):
        model.embed("items", features[:, :4], edges)
    with pytest.raises(ModelError, match="users"):
        model.embed("users", features, edges)


def test_a_new_user_gets_the_vector_of_a_known_one_with_its_items(
    small_graph: Interactions,
) -> None:
    model = built(small_graph)
    found = model.encode()
    rows = [small_graph.item[small_graph.user == user].astype(np.int64) for user in (0, 8)]
    folded = model.fold_in(rows)
    np.testing.assert_allclose(folded[0], found.users[0], atol=1e-6)
    assert not folded[1].any()
    mean = found.items[rows[0]].mean(axis=0)
    np.testing.assert_allclose(folded[0], mean / np.linalg.norm(mean), atol=1e-6)


def test_it_needs_features_of_items(small_graph: Interactions) -> None:
    users = np.ones((9, 2), dtype=np.float32)
    for features in (None, NodeFeatures(users=users)):
        with pytest.raises(DataError, match="features of items"):
            PinSage(TrainingData(small_graph, features=features), CONFIG, np.random.default_rng(0))
    with pytest.raises(UsageError, match="no rank"):
        PinSageConfig(hard_from=9, hard_to=9)


@pytest.mark.parametrize("name", ABLATIONS)
def test_the_paper_s_variants_are_settings(name: str) -> None:
    shared = {one.name for one in fields(TrainingConfig)}
    own = {key: text for key, text in ABLATIONS[name].items() if key not in shared}
    rest = {key: text for key, text in ABLATIONS[name].items() if key in shared}
    config = configure(PinSageConfig, own)
    loss = configure(TrainingConfig, dict(MODELS["pinsage"].training) | rest).loss
    assert loss == ("skip-gram" if name == "mean-pooling-xent" else "max-margin")
    assert bool(config.hard_most) is (name in ("full", "mean-pooling-hard"))
    expected = {"features-alone": "none", "full": "importance", "max-pooling": "max"}
    assert config.pooling == expected.get(name, "mean")
