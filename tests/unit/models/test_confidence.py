"""What weights mean to each model, against dense formulas and the library implicit."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import sparse

from engine.data.arrays import Float64Array
from engine.data.interactions import Interactions
from engine.data.model_options import configure
from engine.errors import DataError, UsageError
from engine.models.aggregators import Mean
from engine.models.als import Als, AlsConfig
from engine.models.confidence import ConfidenceConfig, confidences, learned_from
from engine.models.ease import Ease, EaseConfig
from engine.models.encoder import Batch, PairComparison
from engine.models.gat import GATConfig
from engine.models.graphsage import GraphSAGEConfig
from engine.models.item_knn import ItemKnn
from engine.models.item_lightgcn import ItemLightGCN, ItemLightGCNConfig
from engine.models.matrix_factorization import MatrixFactorizationConfig
from engine.models.neighbourhood import Neighbourhood
from engine.models.ngcf import NGCF, NGCFConfig
from engine.models.normalised_adjacency import normalised
from engine.models.pinsage import PinSageConfig
from engine.models.spectral_filter import SpectralFilter, SpectralFilterConfig
from engine.models.twhin import TwHINConfig

ALL = np.arange(9)
KINDS = ("binary", "linear", "log", "threshold")


@pytest.fixture(scope="module")
def rated(small_graph: Interactions) -> Interactions:
    """Stars from 1 to 5, some pairs rated twice."""
    stars = np.random.default_rng(8).integers(1, 6, len(small_graph))
    return replace(small_graph, weight=stars.astype(np.float32))


def dense(events: Interactions, kind: str) -> Float64Array:
    """Confidences counted one event at a time."""
    sums = np.zeros((events.n_users, events.n_items))
    had = np.zeros_like(sums)
    for user, item, weight in zip(events.user, events.item, events.weight, strict=True):
        sums[user, item] += weight
        had[user, item] = max(had[user, item], float(kind != "threshold" or weight >= 3))
    return {"linear": sums, "log": np.log(1 + sums)}.get(kind, had)


@pytest.mark.parametrize("kind", KINDS)
def test_confidences_are_what_counting_gives(rated: Interactions, kind: str) -> None:
    found = confidences(rated, ConfidenceConfig(confidence=kind))
    np.testing.assert_allclose(found.toarray(), dense(rated, kind), rtol=1e-6)


def test_low_ratings_are_not_liked_and_the_threshold_can_be_set(rated: Interactions) -> None:
    kept = learned_from(rated, ConfidenceConfig("threshold"))
    assert kept.weight.min() == 3
    assert len(kept) == (rated.weight >= 3).sum()
    assert learned_from(rated, ConfidenceConfig("threshold", 4.5)).weight.tolist() == [5.0] * int(
        (rated.weight == 5).sum()
    )
    assert learned_from(rated, ConfidenceConfig("log")) is rated
    with pytest.raises(DataError, match="no event weighs 6 or more"):
        learned_from(rated, ConfidenceConfig("threshold", 6))


def test_a_weight_of_nothing_is_no_event(rated: Interactions) -> None:
    weight = rated.weight.copy()
    pair = (rated.user == rated.user[0]) & (rated.item == rated.item[0])
    weight[pair] = [-1.0, *[0.0] * (int(pair.sum()) - 1)]
    weighed = replace(rated, weight=weight)
    for kind in ("linear", "log"):
        matrix = confidences(weighed, ConfidenceConfig(confidence=kind))
        assert matrix.nnz == confidences(rated).nnz - 1


@pytest.mark.parametrize("kind", KINDS)
def test_als_is_that_of_implicit_with_the_same_confidences(rated: Interactions, kind: str) -> None:
    from implicit.cpu.als import AlternatingLeastSquares

    config = AlsConfig(dimension=3, l2=0.5, alpha=4.0, iterations=3, confidence=kind)
    ours = Als(rated, config, np.random.default_rng(0)).embeddings()
    cells = sparse.csr_matrix(dense(rated, kind).astype(np.float32))
    cells.data = 1.0 + 4.0 * cells.data
    number = int(np.random.default_rng(0).integers(2**31))
    theirs = AlternatingLeastSquares(
        factors=3, regularization=0.5, iterations=3, random_state=number, num_threads=1
    )
    theirs.fit(cells, show_progress=False)
    there = np.asarray((cells != 0).sum(axis=0)).ravel() > 0
    np.testing.assert_allclose(ours.items[there], theirs.item_factors[there], atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_item_knn_is_the_cosine_of_columns_of_confidences(rated: Interactions, kind: str) -> None:
    x = dense(rated, kind)
    length = np.linalg.norm(x, axis=0)
    cosine = x.T @ x / np.maximum(np.outer(length, length), 1e-12)
    np.fill_diagonal(cosine, 0)
    found = ItemKnn(rated, None, ConfidenceConfig(confidence=kind)).score(ALL)
    np.testing.assert_allclose(found, x @ cosine, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_ease_solves_the_matrix_of_confidences(rated: Interactions, kind: str) -> None:
    x = dense(rated, kind)
    inverse = np.linalg.inv(x.T @ x + 5.0 * np.eye(7))
    b = -inverse / np.diag(inverse)
    np.fill_diagonal(b, 0)
    found = Ease(rated, EaseConfig(l2=5.0, confidence=kind)).score(ALL)
    np.testing.assert_allclose(found, x @ b, atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_propagation_and_the_filter_weigh_by_confidence(rated: Interactions, kind: str) -> None:
    x = dense(rated, kind)
    users, items = (np.maximum(x.sum(axis=axis), 1e-12) for axis in (1, 0))
    r = x / np.sqrt(np.outer(users, items))
    config = SpectralFilterConfig(factors=2, low_pass=0.7, confidence=kind)
    np.testing.assert_allclose(normalised(rated, config).toarray(), r, atol=1e-6)
    v = np.linalg.svd(r)[2][:2].T
    root = np.sqrt(x.sum(axis=0))
    low = (v / np.where(root > 0, root, 1.0)[:, None]) @ (v * root[:, None]).T
    found = SpectralFilter(rated, config, np.random.default_rng(0)).score(ALL)
    np.testing.assert_allclose(found, x @ (r.T @ r + 0.7 * low), atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_messages_of_ngcf_weigh_by_confidence(rated: Interactions, kind: str) -> None:
    x = dense(rated, kind)
    users, items = (np.maximum(x.sum(axis=axis), 1e-12) for axis in (1, 0))
    r = x / np.sqrt(np.outer(users, items))
    config = NGCFConfig(
        confidence=kind, dimension=4, layers=1, ablation="fn", combine="sum", scoring="dot"
    )
    model = NGCF(rated, config, np.random.default_rng(0))
    first = model.state()["vectors"].detach().numpy()
    around = np.concatenate((r @ first[9:], r.T @ first[:9]))
    found = model.encode()
    expected = first + (first + around) + around * first
    np.testing.assert_allclose(found.users[:8], expected[:8], atol=1e-5)
    np.testing.assert_allclose(found.items[:6], expected[9:15], atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("r", [0.2, 0.5])
def test_item_lightgcn_sums_by_confidence(rated: Interactions, kind: str, r: float) -> None:
    x = dense(rated, kind)
    users, items = (np.where(x.sum(axis=axis) > 0, x.sum(axis=axis), 1) for axis in (1, 0))
    config = ItemLightGCNConfig(confidence=kind, dimension=4, layers=1, r=r, scoring="dot")
    model = ItemLightGCN(rated, config, np.random.default_rng(0))
    first = model.state()["vectors"].detach().numpy()
    to_users = x * np.outer(users**-r, items ** (r - 1))
    to_items = x.T * np.outer(items**-r, users ** (r - 1))
    expected = (first + to_items @ to_users @ first) / 2
    found = model.encode()
    np.testing.assert_allclose(found.items[:6], expected[:6], atol=1e-5)
    own = x @ (expected * (x.sum(axis=0) > 0)[:, None]) / np.sqrt(users)[:, None]
    np.testing.assert_allclose(found.users, own, atol=1e-4)


def test_item_lightgcn_leaves_out_all_that_an_item_adds_to_its_user(rated: Interactions) -> None:
    x = dense(rated, "linear")
    config = ItemLightGCNConfig(confidence="linear", dimension=4, layers=0, scoring="dot", l2=0.0)
    model = ItemLightGCN(rated, config, np.random.default_rng(0))
    z = model.state()["vectors"].detach().numpy()
    item = int(rated.item[rated.user == 2][0])
    compared: list[PairComparison] = []

    def loss(pairs: PairComparison) -> torch.Tensor:
        compared.append(pairs)
        return pairs.users.sum()

    model.fit_step(Batch(torch.tensor([2]), torch.tensor([item]), torch.tensor([1])), loss)
    others = (x[2] @ z - x[2, item] * z[item]) / np.sqrt(x[2].sum())
    np.testing.assert_allclose(compared[0].users.detach().numpy()[0], others, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_means_over_neighbours_weigh_by_confidence(rated: Interactions, kind: str) -> None:
    x = dense(rated, kind)
    both = np.block([[np.zeros((9, 9)), x], [x.T, np.zeros((7, 7))]])
    vectors = torch.randn(16, 3, generator=torch.Generator().manual_seed(0))
    mean = both @ vectors.numpy() / np.maximum(both.sum(axis=1), 1e-12)[:, None]
    graph = Neighbourhood(rated, ConfidenceConfig(confidence=kind))
    np.testing.assert_allclose(Mean()(vectors, graph.whole).numpy(), mean, atol=1e-5)
    nodes = torch.tensor([3, 12, 0])
    block, sources = graph.sampled(nodes, 0, torch.Generator().manual_seed(1))
    np.testing.assert_allclose(Mean()(vectors[sources], block).numpy(), mean[nodes], atol=1e-5)


def test_a_model_without_a_formula_for_counts_refuses_them() -> None:
    for config in (GATConfig, MatrixFactorizationConfig, PinSageConfig, TwHINConfig):
        with pytest.raises(UsageError, match="no formula for linear and log") as refused:
            configure(config, {"confidence": "log"})
        assert "binary, threshold" in refused.value.hint
        assert configure(config, {"confidence": "threshold"}).threshold == 3.0
    for name in ("max", "lstm"):
        with pytest.raises(UsageError, match="has no formula for"):
            configure(GraphSAGEConfig, {"confidence": "log", "aggregator": name})
    assert configure(GraphSAGEConfig, {"confidence": "log"}).aggregator == "mean"
