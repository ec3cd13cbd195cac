"""What every model of the tables keeps: a new one is held to it by being listed there."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.experiments import experiment
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS, PLAIN
from engine.testing import (
    ContractCheck,
    checks_of,
    checks_of_loss,
    plain_checks,
    trained_checks,
    two_tastes,
)
from engine.training.losses import LOSSES

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
# What memory carries from batch to batch is state and not trained.
CARRIED = {f"memory.{name}" for name in ("held", "written_at", "other", "met_at", "batches")}
# What no variant of a model can change: it is asked of the model once.
OF_THE_MODEL = ("settings_survive", "vectors_have", "trains_with")
TASTES = ("item-knn", "ease", "als", "spectral-filter", "chebyshev", "rp3beta")
every_model = pytest.mark.parametrize("name", MODELS)


def of_models() -> Iterator[ContractCheck]:
    for name, settings in VARIANTS:
        for check in checks_of(MODELS[name], settings):
            if not settings or not check.name.startswith(OF_THE_MODEL):
                yield ContractCheck("-".join((name, *settings.values(), check.name)), check.run)


def of_plain_methods() -> Iterator[ContractCheck]:
    for name in PLAIN:
        for check in checks_of(PLAIN[name]):
            yield ContractCheck(f"{name}-{check}", check.run)


def of_losses() -> Iterator[ContractCheck]:
    for name in LOSSES:
        for check in checks_of_loss(LOSSES[name]):
            yield ContractCheck(f"{name}-{check}", check.run)


@pytest.mark.parametrize("check", [*of_models(), *of_plain_methods(), *of_losses()], ids=str)
def test_what_is_promised_to_whoever_adds_one(check: ContractCheck) -> None:
    check()


@pytest.mark.parametrize(("name", "settings"), VARIANTS, ids=str)
def test_all_of_a_state_is_trained_but_what_memory_carries(
    name: str, settings: dict[str, str]
) -> None:
    state = trained_checks.built(MODELS[name], settings).state()
    after = trained_checks.trained(MODELS[name], settings, 1).state()
    for key, tensor in state.items():
        assert tensor.requires_grad == (key not in CARRIED), key
        assert key not in CARRIED or not tensor.equal(after[key]), key


@every_model
def test_an_experiment_runs_with_it(name: str, tmp_path: Path) -> None:
    settings = {"dimension": "8", "epochs": "1", "batch_size": "128", "negative_count": "8"}
    request = TrainingRequest(model=name, settings=settings, split="random", refit=False)
    material = two_tastes.material(MODELS[name].wants(request.configs()[0]))
    metrics = experiment.run(material, request, tmp_path).metrics()
    assert f"unseen.{name}.ndcg@20" in metrics
    assert all(np.isfinite(value) for value in metrics.values())


def test_only_p_top_lists_nobody_s_new_items() -> None:
    for name, entry in PLAIN.items():
        scores = plain_checks.built(entry, {}).score(np.arange(two_tastes.USERS))
        assert np.isfinite(scores).all() == (name != "p-top"), name


@pytest.mark.parametrize("name", TASTES)
def test_a_plain_method_that_looks_at_tastes_finds_them(name: str) -> None:
    small = {"als": {"dimension": "4"}, "spectral-filter": {"factors": "4"}}
    small["chebyshev"] = small["spectral-filter"]
    method = plain_checks.built(PLAIN[name], small.get(name, {}))
    assert two_tastes.separation(method.score(np.arange(two_tastes.USERS + 1))) > 0.9
