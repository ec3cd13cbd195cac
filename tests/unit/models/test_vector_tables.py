"""Sparse gradients of tables: the dense ones, without the rows that a batch does not look up."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.errors import UsageError
from engine.models import MODELS
from engine.models.vector_tables import WHOLE, WHOLE_SPARSE, VectorTables
from engine.testing import two_tastes
from engine.training import losses
from engine.training.batch_factories import SOURCES
from engine.training.training_config import TrainingConfig

SPARSE = sorted(name for name, entry in MODELS.items() if entry.sparse_gradients)


def gradients(name: str, tables: VectorTables) -> dict[str, torch.Tensor]:
    """Return the gradients of a model after one small batch."""
    entry = MODELS[name]
    config = entry.config(dimension=8)
    material = two_tastes.material(entry.wants(config))
    assert entry.sharded is not None
    encoder = entry.sharded(material, config, np.random.default_rng(0), tables)
    training = TrainingConfig(batch_size=8, negative_count=4, learning_rate=0.01, recency=0.0)
    batch = SOURCES[entry.batches](material, config, training, 1).batch(0, 0)
    loss = losses.chosen("softmax", temperature=0.1, margin=0.1, precision="float32")
    encoder.fit_step(batch, loss).backward()  # type: ignore[no-untyped-call]
    found = {key: one.grad for key, one in encoder.state().items()}
    return {key: one for key, one in found.items() if one is not None}


@pytest.mark.parametrize("name", SPARSE)
def test_they_are_the_dense_ones(name: str) -> None:
    dense, sparse = gradients(name, WHOLE), gradients(name, WHOLE_SPARSE)
    assert dense.keys() == sparse.keys()
    for key, one in sparse.items():
        torch.testing.assert_close(one.to_dense(), dense[key])
    tables = [one for one in sparse.values() if one.is_sparse]
    assert len(tables) == 1
    looked_up = tables[0].coalesce().indices().shape[1]
    assert 0 < looked_up < len(tables[0])
    assert int((dense[next(iter(dense))].abs().sum(dim=1) > 0).sum()) <= looked_up


def test_a_model_that_passes_vectors_along_the_graph_has_none() -> None:
    assert SPARSE == ["bpr-mf", "transe", "twhin"]
    assert all(not one.is_sparse for one in gradients("lightgcn", WHOLE_SPARSE).values())


def test_it_is_refused_for_such_a_model() -> None:
    config = replace(TrainingConfig(), optimiser="sparse-adam")
    with pytest.raises(UsageError, match="bpr-mf, transe, twhin"):
        config.check_model(MODELS["lightgcn"])
    config.check_model(MODELS["bpr-mf"])
