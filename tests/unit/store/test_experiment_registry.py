"""Experiments in the registry: what comes back, whose users are whose, and what is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.data.experiment_definition import Variant
from engine.errors import NotFound, UsageError
from engine.store.experiment_registry import ExperimentRegistry, NewExperiment
from engine.store.registry_schema import open_registry_engine

_VARIANTS = (
    Variant("a", 60.0, "serving"),
    Variant("b", 40.0, "generation", generation=3, options={"mmr": 0.7}),
)


@pytest.fixture
def experiments(home: Path) -> Iterator[ExperimentRegistry]:
    engine = open_registry_engine(f"sqlite:///{home / 'registry.sqlite'}")
    yield ExperimentRegistry(engine)
    engine.dispose()


def _new(name: str, traffic: float = 100.0, layer: str = "home") -> NewExperiment:
    return NewExperiment(name, "conversion", layer, traffic, _VARIANTS, None, "ann@shop")


def test_an_experiment_comes_back_as_it_was_started_until_it_is_stopped(
    experiments: ExperimentRegistry,
) -> None:
    started = experiments.start(_new("tea", 25.0))
    assert experiments.running() == experiments.all() == [started]
    assert started.variants == _VARIANTS
    assert started.traffic == 25.0
    assert len(started.secret) == 32
    assert started.secret.hex() not in repr(started)
    assert experiments.count_look("tea").looks == 1
    stopped = experiments.stop("tea", "bob@shop", "b")
    assert (stopped.winner, stopped.stopped_by, stopped.looks) == ("b", "bob@shop", 1)
    assert experiments.running() == []
    assert experiments.count_look("tea").looks == 1, "after the end a look misleads nobody"
    with pytest.raises(UsageError, match="ended at"):
        experiments.stop("tea", "bob@shop", None)
    with pytest.raises(UsageError, match="there was an experiment named tea"):
        experiments.start(_new("tea"))
    with pytest.raises(NotFound, match="no experiment cake"):
        experiments.named("cake")


def test_experiments_of_a_layer_own_different_buckets_and_layers_have_own_secrets(
    experiments: ExperimentRegistry,
) -> None:
    one, two = experiments.start(_new("one", 40.0)), experiments.start(_new("two", 40.0))
    assert (one.first_bucket, one.end_bucket) == (0, 4_000)
    assert (two.first_bucket, two.end_bucket) == (4_000, 8_000)
    assert one.secret == two.secret
    with pytest.raises(UsageError, match=r"at most 20 % of the layer home, not 30 %.* one, two"):
        experiments.start(_new("three", 30.0))
    other = experiments.start(_new("three", 100.0, "cart"))
    assert other.secret != one.secret
    experiments.stop("one", "ann@shop", None)
    assert experiments.start(_new("four", 30.0)).first_bucket == 0
