"""Train the ranker of a finished run, judge it on the test part, and keep it beside the run."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from engine.config import Settings
from engine.data import splits
from engine.data.interactions import Interactions
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.training_data import TrainingData
from engine.errors import DataError
from engine.evaluation.comparison import BLEND, COMPARED
from engine.evaluation.evaluation_setup import difference, pooled, questions_of
from engine.evaluation.protocols import EvaluationTask, SingleSplit, Window
from engine.evaluation.protocols.window import split_at, validation_before
from engine.evaluation.ranked_score import RankedCandidates, ranked_scorer
from engine.evaluation.ranking import top
from engine.evaluation.trend import Trend
from engine.experiments import experiment
from engine.experiments.fitting import FitObserver, Fitting
from engine.experiments.ranker_training import (
    RANKED,
    WINDOW_DAYS,
    GatheredWindows,
    RankerReport,
    RankerTraining,
    blend_score,
    flat,
)
from engine.experiments.ranker_windows import active_users, ranked_candidates
from engine.experiments.train import TWIN
from engine.experiments.training_request import TrainingRequest
from engine.graph.known_events import KnownEvents
from engine.models.encoder import Embeddings
from engine.publishing import run_files
from engine.ranking import ranker as rankers
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.store.registry_records import Run
from engine.training import checkpoint, device, seed
from engine.training.checkpoint import TrainedModel

_LONGEST = 20


@dataclass(frozen=True, eq=False)
class RankedModel:
    """A model whose ranker is to be learned.

    Attributes:
        twin: The model as it was judged: it has seen nothing of the test part.
        begins: When the test part begins, epoch milliseconds.
        epochs: How long to train it on less.
        days: Length of the windows that the ranker learns from and is judged on. A longer test part
            asks something else: what is due this week is not what is taken in the next months.
    """

    twin: TrainedModel
    begins: int
    epochs: int
    days: int = WINDOW_DAYS

    def by_rows_of(self, events: Interactions) -> "RankedModel":
        """Return the same by the rows of some events."""
        return replace(self, twin=self.twin.by_rows_of(events.users, events.items))

    @classmethod
    def of(cls, twin: TrainedModel, task: EvaluationTask, epochs: int, days: int) -> "RankedModel":
        """Return that of the task on which the twin was judged."""
        return cls(twin, task.cut or int(task.parts.later.at.min()), epochs, days)

    @classmethod
    def of_run(
        cls, settings: Settings, run: Run, material: TrainingData, request: TrainingRequest
    ) -> "RankedModel":
        """Return that of a finished run.

        Args:
            settings: Which home keeps its checkpoint.
            run: The run.
            material: What it learned from.
            request: What it was trained by.

        Raises:
            CheckpointInvalid: The twin of its model is gone.
            DataError: The events are too few by now.
        """
        twin = checkpoint.load((settings.home / (run.checkpoint or "")).with_name(TWIN))
        request = replace(request, split=splits.usable(request.split, material.events))
        judged_by = request.judged_by
        days = judged_by.days if isinstance(judged_by, Window) else WINDOW_DAYS
        epochs = int(run.metrics.get("epochs") or 1)
        return cls.of(twin, request.tasks(material)[-1], epochs, days)


def train_ranker(
    stores: tuple[GraphClient, Registry],
    settings: Settings,
    run_id: int,
    request: TrainingRequest,
    material: TrainingData,
    *,
    watch: FitObserver | None = None,
    report: StageProgress = no_stage,
) -> RankerReport:
    """Learn the ranker of a finished run, keep it beside the run's checkpoint, and record it.

    Args:
        stores: The graph and the registry.
        settings: Which home, and which device trains.
        run_id: Of a training by ``request``.
        request: How it was trained.
        material: Events of the graph with their baskets, and what else the model learns from.
        watch: Follows and stops its training on less.
        report: Called with a stage, how much of it is done, and how much there is.
    """
    registry = stores[1]
    run = registry.run(run_id)
    file = (settings.home / (run.checkpoint or "")).with_name(run_files.RANKER)
    registry.record_ranker(run_id, None, {})
    file.unlink(missing_ok=True)
    try:
        model = RankedModel.of_run(settings, run, material, request)
        found = learn_ranker(stores, settings, model, material, request, watch=watch, report=report)
    except DataError as error:
        found = RankerReport(None, f"No ranker serves: {error.message}.")
    if found.ranker is not None:
        rankers.save(file, found.ranker)
    digest = None if found.ranker is None else found.ranker.digest
    registry.record_ranker(run_id, digest, found.metrics)
    return found


def learn_ranker(
    stores: tuple[GraphClient, Registry],
    settings: Settings,
    model: RankedModel,
    material: TrainingData,
    request: TrainingRequest,
    *,
    watch: FitObserver | None = None,
    report: StageProgress = no_stage,
) -> RankerReport:
    """Learn the ranker of a trained model and judge it on the model's test part.

    Args:
        stores: The graph and the registry.
        settings: Which device trains.
        model: The model as it was judged; its rows may be those of other vocabularies.
        material: What it learned from.
        request: How it was trained.
        watch: Follows and stops its training on less.
        report: Called with a stage, how much of it is done, and how much there is.

    Raises:
        DataError: The events are too few, or most have no time.
    """
    events = material.events
    model = model.by_rows_of(events)
    prepared = _prepared(stores, settings, model, material, request, watch, report)
    known, training, windows, before = prepared
    found = training.learn(before, windows, request.ranker_settings())
    if found.ranker is None:
        return found
    cut, users = model.begins, active_users(events, model.begins, model.days)
    ranked = ranked_candidates(
        stores,
        known,
        model.twin,
        found.ranker,
        (cut - 1, cut),
        users,
        lambda stage, done, whole: report(f"test part: {stage}", done, whole),
    )
    judged = _judged(model, split_at(events, cut, model.days), ranked)
    return replace(found, metrics={**found.metrics, **judged}, ranked=ranked)


def gather(
    stores: tuple[GraphClient, Registry],
    settings: Settings,
    model: RankedModel,
    material: TrainingData,
    request: TrainingRequest,
    watch: FitObserver | None = None,
    report: StageProgress = no_stage,
) -> GatheredWindows:
    """Return what the ranker of a model learns from, and is chosen by; as ``learn_ranker``."""
    model = model.by_rows_of(material.events)
    prepared = _prepared(stores, settings, model, material, request, watch, report)
    _, training, windows, before = prepared
    return training.gather(before, windows)


def _prepared(
    stores: tuple[GraphClient, Registry],
    settings: Settings,
    model: RankedModel,
    material: TrainingData,
    request: TrainingRequest,
    watch: FitObserver | None,
    report: StageProgress,
) -> tuple[KnownEvents, RankerTraining, list[int], TrainedModel]:
    """Return all events, the training, its windows, and the model as it was before all of them."""
    graph, registry = stores
    events = material.events
    judged_by = replace(request, split=splits.usable(request.split, events)).judged_by
    by_time = isinstance(judged_by, SingleSplit) and judged_by.kind == "time"
    if not (by_time or isinstance(judged_by, Window)):
        raise DataError("a ranker learns from weeks, and its model is not judged by time")
    known = KnownEvents.beside(graph, events, material.baskets)
    training = RankerTraining(graph, registry, known, model.days, report)
    windows = training.windows(model.begins)
    with tempfile.TemporaryDirectory() as folder, device.default_device(settings.device):
        vectors = _vectors_before(
            material,
            request,
            windows[0],
            (model.epochs, _trend(model.twin)),
            (Path(folder), watch or FitObserver()),
        )
    before = replace(model.twin, user_vectors=vectors.users, item_vectors=vectors.items)
    return known, training, windows, before


def _vectors_before(
    material: TrainingData,
    request: TrainingRequest,
    cut: int,
    chosen: tuple[int, Trend],
    place: tuple[Path, FitObserver],
) -> Embeddings:
    """Train on what happened before a cut, and return the vectors as they would have been served.

    Args:
        material: What the model may learn from.
        request: What to train.
        cut: Epoch milliseconds.
        chosen: How many epochs, and the trend.
        place: Where states to continue from are kept, and how the caller follows and stops it.

    Raises:
        TrainingStopped: It was asked to.
    """
    fitting = Fitting(material, request, *place)
    fitting.choose_recency(validation_before(material.events, cut, WINDOW_DAYS))
    known = material.events.select(material.events.at < cut)
    encoder, _ = fitting.fit("past", known, epochs=chosen[0])
    return experiment.folded(encoder, known, chosen[1])


def _judged(
    model: RankedModel, parts: splits.Split, candidates: RankedCandidates
) -> dict[str, float]:
    """Return the figures of a ranker beside those of the blend on the test part's first days."""
    blended = blend_score(model.twin, parts, model.begins - 1)
    ranked = ranked_scorer(candidates, blended)
    found: dict[str, float] = {}
    for seen, questions in questions_of([EvaluationTask(parts, lambda: parts)]).items():
        mode = "seen" if seen else "unseen"
        quality = {
            name: pooled(questions, [top(one, score, _LONGEST) for one in questions], (_LONGEST,))
            for name, score in ((RANKED, ranked), (BLEND, blended))
        }
        found |= {f"{mode}.{RANKED}.{name}": value for name, value in quality[RANKED].means.items()}
        for name in COMPARED:
            draw = seed.generator(model.twin.seed, "bootstrap")
            gap = difference(quality[RANKED], quality[BLEND], name, draw)
            found |= flat(f"{mode}.{RANKED}-{BLEND}.{name}", gap)
    return found


def _trend(model: TrainedModel) -> Trend:
    return Trend(model.settings["trend"], model.settings["trend_half_life_days"])
