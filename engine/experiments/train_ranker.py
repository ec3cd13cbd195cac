"""Train the ranker of a finished run, judge it on the test part, and keep it beside the run."""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from engine.config import Settings
from engine.data import splits
from engine.data.checkpoint_files import RANKER, twin_of
from engine.data.interactions import Interactions
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.training_data import TrainingData
from engine.errors import DataError
from engine.evaluation.baselines import BASELINES, ScorerBuilder
from engine.evaluation.comparison import BLEND, COMPARED, JUDGED
from engine.evaluation.evaluation_setup import difference, different_users, pooled, questions_of
from engine.evaluation.protocols import EvaluationTask, NextBasket, SingleSplit, Window
from engine.evaluation.protocols.window import split_at, validation_before
from engine.evaluation.ranked_score import RankedCandidates, ranked_scorer
from engine.evaluation.ranking import top
from engine.evaluation.trend import Trend
from engine.experiments import published_vectors
from engine.experiments.fitting import FitObserver, Fitting
from engine.experiments.gathered_windows import GatheredWindows
from engine.experiments.ranker_training import (
    RANKED,
    WINDOW_DAYS,
    RankerReport,
    RankerTraining,
    by_model,
    flat,
)
from engine.experiments.ranker_windows import active_users, ranked_candidates
from engine.experiments.served_model import blend_score
from engine.experiments.training_request import TrainingRequest
from engine.graph.known_events import KnownEvents
from engine.models.encoder import Embeddings
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


class RankerExperiment:
    """The learning of rankers of models that one request trains on one set of data.

    Args:
        stores: The graph and the registry.
        settings: Which home, and which device trains.
        request: How the models are trained.
        material: Events of the graph with their baskets, and what else the models learn from.
        watch: Follows and stops the training on less.
        report: Called with a stage, how much of it is done, and how much there is.
        beside_plain: Whether the test part is asked of every plain method too.
    """

    def __init__(
        self,
        stores: tuple[GraphClient, Registry],
        settings: Settings,
        request: TrainingRequest,
        material: TrainingData,
        watch: FitObserver | None = None,
        report: StageProgress = no_stage,
        beside_plain: bool = False,
    ) -> None:
        self._stores, self._settings, self._material = stores, settings, material
        self._request = replace(request, split=splits.usable(request.split, material.events))
        self._watch, self._report = watch or FitObserver(), report
        self._beside = BASELINES if beside_plain else {}

    def train(self, run_id: int) -> RankerReport:
        """Learn the ranker of a finished run, keep it beside the run's checkpoint, and record it.

        Raises:
            NotFound: There is no such run.
        """
        registry, began = self._stores[1], time.monotonic()
        run = registry.run(run_id)
        file = self._file(run, RANKER)
        registry.record_ranker(run_id, None, {})
        file.unlink(missing_ok=True)
        try:
            found = self.learn(self.model_of(run))
        except DataError as error:
            found = RankerReport(None, f"No ranker serves, the blend does: {error.message}.")
        if found.ranker is not None:
            rankers.save(file, found.ranker)
        digest = None if found.ranker is None else found.ranker.digest
        registry.record_ranker(run_id, digest, found.metrics)
        return replace(found, seconds=time.monotonic() - began)

    def model_of(self, run: Run) -> RankedModel:
        """Return the model of a finished run as it was judged.

        Raises:
            CheckpointInvalid: It is gone.
            DataError: The events are too few by now.
        """
        twin = checkpoint.load(twin_of(self._settings.home / (run.checkpoint or "")))
        judged_by = self._request.judged_by
        days = judged_by.days if isinstance(judged_by, Window | NextBasket) else WINDOW_DAYS
        epochs = int(run.metrics.get("epochs") or 1)
        return RankedModel.of(twin, self._request.tasks(self._material)[-1], epochs, days)

    def learn(self, model: RankedModel) -> RankerReport:
        """Learn the ranker of a trained model and judge it on the model's test part.

        Raises:
            DataError: The events are too few, or most have no time.
        """
        events = self._material.events
        model = model.by_rows_of(events)
        known, training, windows, before = self._prepared(model)
        found = training.learn(before, windows, self._request.ranker_settings())
        if found.ranker is None:
            return found
        cut, users = model.begins, active_users(events, model.begins, model.days)
        ranked = ranked_candidates(
            self._stores,
            known,
            model.twin,
            found.ranker,
            (cut - 1, cut),
            users,
            lambda stage, done, whole: self._report(f"test part: {stage}", done, whole),
        )
        self._report("judging on the test part", 0, 1)
        judged = _judged(model, self._parts(model), ranked, self._beside)
        return replace(found, metrics={**found.metrics, **judged}, ranked=ranked)

    def _parts(self, model: RankedModel) -> splits.Split:
        """Return what the ranker is judged on: a basket, or the test part's first days."""
        if self._request.judged_by.by_basket:
            return self._request.tasks(self._material)[-1].parts
        return split_at(self._material.events, model.begins, model.days)

    def gather(self, model: RankedModel) -> GatheredWindows:
        """Return what the ranker of a model learns from, and is chosen by.

        Raises:
            DataError: As ``learn``.
        """
        _, training, windows, before = self._prepared(model.by_rows_of(self._material.events))
        return training.gather(before, windows)

    def _prepared(
        self, model: RankedModel
    ) -> tuple[KnownEvents, RankerTraining, list[int], list[TrainedModel]]:
        """Return all events, the training, its windows, and the model as it was before them.

        There is one model for each part of the windows that ``by_model`` makes.
        """
        graph, registry = self._stores
        judged_by = self._request.judged_by
        by_time = isinstance(judged_by, SingleSplit) and judged_by.kind == "time"
        if not (by_time or isinstance(judged_by, Window | NextBasket)):
            raise DataError("a ranker learns from weeks, and its model is not judged by time")
        known = KnownEvents.beside(graph, self._material.events, self._material.baskets)
        training = RankerTraining(graph, registry, known, model.days, self._report)
        windows = training.windows(model.begins)
        with device.default_device(self._settings.device):
            before = [self._before(model, own[0]) for own in by_model(windows)]
        return known, training, windows, before

    def _before(self, model: RankedModel, cut: int) -> TrainedModel:
        """Return the model as it would have served at a cut."""
        vectors = self._vectors_before(model, cut)
        return replace(
            model.twin,
            user_vectors=vectors.users,
            item_vectors=vectors.items,
            edges=vectors.edges,
            weights={},  # the twin's have learned from the windows
        )

    def _vectors_before(self, model: RankedModel, cut: int) -> Embeddings:
        """Train on what happened before a cut, and return the vectors as they would have served.

        Raises:
            TrainingStopped: It was asked to.
        """
        events = self._material.events
        known = events.select(events.at < cut)
        with tempfile.TemporaryDirectory() as folder:
            fitting = Fitting(self._material, self._request, Path(folder), self._watch)
            fitting.choose_recency(validation_before(events, cut, WINDOW_DAYS))
            encoder, _ = fitting.fit("past", known, epochs=model.epochs)
        width = int(model.twin.settings.get("reduced_to", 0))
        return published_vectors.folded(encoder, known, _trend(model.twin), width)

    def _file(self, run: Run, name: str) -> Path:
        return (self._settings.home / (run.checkpoint or "")).with_name(name)


def _judged(
    model: RankedModel,
    parts: splits.Split,
    candidates: RankedCandidates,
    plain: Mapping[str, ScorerBuilder],
) -> dict[str, float]:
    """Return the figures of a ranker on the test part's first days.

    Beside them stand those of the blend and, of each kind of list, of the best plain method there.
    """
    blended = blend_score(model.twin, parts, model.begins - 1)
    scores = {RANKED: ranked_scorer(candidates, blended), BLEND: blended}
    scores |= {name: build(parts.earlier) for name, build in plain.items()}
    found: dict[str, float] = {}
    for seen, questions in questions_of([EvaluationTask(parts, lambda: parts)]).items():
        mode = "seen" if seen else "unseen"
        quality = {
            name: pooled(questions, [top(one, score, _LONGEST) for one in questions], (_LONGEST,))
            for name, score in scores.items()
        }
        found |= {f"{mode}.{RANKED}.{name}": value for name, value in quality[RANKED].means.items()}
        found[f"{mode}.{RANKED}.users"] = float(different_users(questions))
        means = {name: quality[name].means[JUDGED] for name in plain}
        best = (max(means, key=means.__getitem__),) if means else ()  # of equals the first
        for other, name in product((BLEND, *best), COMPARED):
            draw = seed.generator(model.twin.seed, "bootstrap")
            gap = difference(quality[RANKED], quality[other], name, draw)
            found |= flat(f"{mode}.{RANKED}-{other}.{name}", gap)
    return found


def _trend(model: TrainedModel) -> Trend:
    return Trend(model.settings["trend"], model.settings["trend_half_life_days"])
