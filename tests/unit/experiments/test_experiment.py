from pathlib import Path

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.errors import UsageError
from engine.evaluation.baselines import BASELINES
from engine.evaluation.protocols import Window
from engine.experiments import experiment
from engine.experiments.fitting import FitObserver, TrainingStopped
from engine.experiments.training_request import TrainingRequest, describe_settings
from engine.training.trainer import Progress

from .conftest import FAST, shop


def test_an_experiment_compares_with_every_baseline_and_says_who_won(tmp_path: Path) -> None:
    result = experiment.run(TrainingData(shop()), TrainingRequest(settings=FAST), tmp_path)
    methods = {one.method for one in result.comparisons if one.seen}
    assert methods == {"blend", "lightgcn", *BASELINES}
    assert len(result.verdicts()) == 2
    metrics = result.metrics()
    assert {"unseen.popular.ndcg@20", "seen.blend-popular.ndcg@20.low"} <= metrics.keys()
    assert all(np.isfinite(value) for value in metrics.values())
    assert result.embeddings.users.shape[0] == 60


@pytest.mark.parametrize("kind", ["time", "leave-last-out", "random"])
def test_every_split_runs(tmp_path: Path, kind: str) -> None:
    request = TrainingRequest(settings=FAST, split=kind, refit=False)  # type: ignore[arg-type]
    assert experiment.run(TrainingData(shop()), request, tmp_path).comparisons


def test_a_model_is_judged_at_every_cut_and_the_newest_one_leaves_the_twin(tmp_path: Path) -> None:
    window = Window(30, 2)
    request = TrainingRequest(settings=FAST, protocol=window, refit=False)
    result = experiment.run(TrainingData(shop()), request, tmp_path)
    gaps = [one.against_blend["ndcg@20"] for one in result.comparisons if one.method == "popular"]
    assert [len(gap.by_cut) for gap in gaps] == [2, 2]
    newest = window.tasks(shop(), np.random.default_rng)[-1]  # type: ignore[arg-type]
    assert result.tested.until == newest.parts.earlier.at.max()
    assert "protocol" in request.effective()
    assert "split" not in request.effective()


def test_a_model_has_its_own_defaults_of_training_and_a_setting_goes_before_them() -> None:
    assert TrainingRequest(model="bpr-mf").configs()[1].loss == "bpr"
    assert (
        TrainingRequest(model="bpr-mf", settings={"loss": "softmax"}).configs()[1].loss == "softmax"
    )
    shown = {row["name"]: row["default"] for row in describe_settings("bpr-mf")}
    assert (shown["loss"], shown["dimension"]) == ("bpr", 64)
    assert TrainingRequest().configs()[1].loss == "softmax"


def test_what_is_left_to_the_data_is_settled_by_it_and_told(tmp_path: Path) -> None:
    lines: list[str] = []
    request = TrainingRequest(settings={"dimension": "8", "epochs": "1", "batch_size": "256"})
    watch = FitObserver(phase=lines.append)
    result = experiment.run(TrainingData(shop()), request, tmp_path, watch)
    left = {"negative_count": 512, "shuffle": "users", "learning_rate": 0.01}
    assert result.chosen == left
    assert (
        "training lightgcn (final) with negative_count=512, shuffle=users, learning_rate=0.01"
        in lines
    )
    # A later night decides by its own data: what the request says stays as it was.
    assert request.effective()["learning_rate"] == 0


class Counter:
    """Counts steps and asks to stop after ``limit`` of them."""

    def __init__(self, limit: float = float("inf")) -> None:
        self.steps, self.limit = 0, limit

    def watch(self) -> FitObserver:
        return FitObserver(self.count, lambda: self.steps >= self.limit)

    def count(self, _stage: str, _progress: Progress) -> None:
        self.steps += 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.7, 0.9])
def test_stopped_and_continued_equals_unbroken(tmp_path: Path, share: float) -> None:
    request, counter = TrainingRequest(settings=FAST), Counter()
    whole = experiment.run(TrainingData(shop()), request, tmp_path / "whole", counter.watch())
    early = Counter(limit=int(share * counter.steps))
    with pytest.raises(TrainingStopped):
        experiment.run(TrainingData(shop()), request, tmp_path / "part", early.watch())
    continued = experiment.run(TrainingData(shop()), request, tmp_path / "part")
    assert (continued.embeddings.users == whole.embeddings.users).all()
    assert (continued.embeddings.items == whole.embeddings.items).all()
    assert continued.metrics() == whole.metrics()


def test_test_events_never_change_what_is_tested(tmp_path: Path) -> None:
    data = shop()
    cut = np.sort(data.at)[round(len(data) * 0.8)]
    later = data.at > cut
    other = data.select(np.ones(len(data), dtype=np.bool_))
    other.item[later] = (other.item[later] + 1) % data.n_items
    request = TrainingRequest(settings=FAST, refit=False)
    ours = experiment.run(TrainingData(data), request, tmp_path / "a").encoder.encode()
    theirs = experiment.run(TrainingData(other), request, tmp_path / "b").encoder.encode()
    assert (ours.items == theirs.items).all()


def test_unknown_and_impossible_settings_are_refused() -> None:
    with pytest.raises(UsageError, match="no setting hops"):
        TrainingRequest(settings={"hops": "3"}).configs()
    with pytest.raises(UsageError, match="layers=-1"):
        TrainingRequest(settings={"layers": "-1"}).configs()


def test_the_fingerprint_ignores_the_order_of_events() -> None:
    data = shop()
    mixed = data.select(np.ones(len(data), dtype=np.bool_))
    order = np.random.default_rng(0).permutation(len(data))
    for name in ("user", "item", "at", "event", "weight"):
        getattr(mixed, name)[:] = getattr(data, name)[order]
    assert TrainingRequest().fingerprint(TrainingData(data)) == TrainingRequest().fingerprint(
        TrainingData(mixed)
    )
    assert TrainingRequest().fingerprint(TrainingData(data)) != TrainingRequest(seed=1).fingerprint(
        TrainingData(data)
    )


def test_a_filter_is_judged_by_the_edges_that_will_serve(tmp_path: Path) -> None:
    request = TrainingRequest(model="rp3beta", settings={"edges": "2"})
    result = experiment.run(TrainingData(shop()), request, tmp_path)
    edges, judged = result.embeddings.edges, result.tested.embeddings.edges
    assert edges is not None
    assert judged is not None
    assert np.diff(edges.indptr).max() == np.diff(judged.indptr).max() == 2
    assert result.embeddings.users.shape[1] == 0
    assert {"unseen.rp3beta.ndcg@20", "unseen.blend.ndcg@20"} <= result.metrics().keys()
    assert result.trend.weight == 0  # it has no vectors that could take it up


def test_how_fast_a_profile_is_forgotten_is_chosen_on_validation(tmp_path: Path) -> None:
    # Two tastes of forty items; every other user changes from one to the other on the way.
    draw = np.random.default_rng(0)
    day = np.tile(np.arange(30), 80)
    user = np.repeat(np.arange(80), 30)
    taste = (user // 2 % 2 + (user % 2) * (day >= 12)) % 2
    events = Interactions.of(
        Vocabulary([f"u{n:02}" for n in range(80)]),
        Vocabulary([f"i{n:02}" for n in range(80)]),
        user,
        taste * 40 + draw.integers(0, 40, len(user)),
        at=(day + 1) * 86_400_000,
    )
    chosen = experiment.run(TrainingData(events), TrainingRequest(model="rp3beta"), tmp_path)
    assert chosen.chosen["profile_half_life_days"] == 15.0
    given = TrainingRequest(model="rp3beta", settings={"profile_half_life_days": "0"})
    fixed = experiment.run(TrainingData(events), given, tmp_path)
    assert fixed.chosen == {}
    name = "unseen.rp3beta.ndcg@20"
    aged = experiment.run(
        TrainingData(events),
        TrainingRequest(model="rp3beta", settings={"profile_half_life_days": "15"}),
        tmp_path,
    )
    assert chosen.metrics()["unseen.blend.ndcg@20"] == aged.metrics()["unseen.blend.ndcg@20"]
    assert chosen.metrics()[name] > fixed.metrics()[name]
