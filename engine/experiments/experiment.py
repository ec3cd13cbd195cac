"""One honest experiment: search on validation, judge on test, then train on everything.

Three trainings of the same model: (1) ``search`` on the training part less a validation part
finds the number of epochs and the blend; (2) ``test`` on the whole training part is judged against
the baselines on events nobody has looked at; (3) ``final`` on all events is what gets published.
A protocol of several cuts does (1) and (2) at each of them, and (3) with what the newest one found.
Touches no store.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.data import splits
from engine.data.signals import MILLISECONDS_PER_DAY
from engine.data.training_data import TrainingData
from engine.evaluation import blend, ranking, reduction, sample_size
from engine.evaluation.blend import Blend
from engine.evaluation.comparison import BLEND, Comparison, JudgedTask, compare, verdicts
from engine.evaluation.protocols import EvaluationTask
from engine.evaluation.ranking import UserScorer
from engine.evaluation.reduction import Reduction
from engine.evaluation.trend import Trend, popularity_of
from engine.experiments.fitting import FitObserver, Fitting
from engine.experiments.published_vectors import folded
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS
from engine.models.encoder import Embeddings, Encoder
from engine.models.tensors import array
from engine.training import seed
from engine.training.trainer import TrainingOutcome
from engine.training.warm_start import FirstVectorsByStage


@dataclass(frozen=True)
class SearchResult:
    """What the first training found on validation.

    Attributes:
        metric: Validation metric of the best epoch, served as well as can be beside popularity;
            None where nobody could be asked.
    """

    epochs: int
    metric: float | None
    trend: Trend
    blend: Blend
    reduction: Reduction = field(default_factory=Reduction)


@dataclass(frozen=True)
class TestedMethods:
    """A model ready for the test part, trained on everything before it.

    Attributes:
        parts: What it knows, and what it must predict.
        ours: Scores of the blend that is served, and of the model alone.
    """

    parts: splits.Split
    found: SearchResult
    ours: dict[str, UserScorer]


@dataclass(frozen=True)
class TestedModel:
    """The model that was judged: it knows nothing of the test part.

    Attributes:
        embeddings: As they would have been published.
        weights: Of a model that makes users' vectors at request time; of others none.
        until: When the newest event it has seen happened, epoch ms; 0 where events have no time.
        days: Length of the test part.
    """

    embeddings: Embeddings
    until: int
    days: float
    weights: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ExperimentResult:
    """What an experiment found.

    Attributes:
        chosen: Settings that were chosen on validation, or by the size of the data.
        few_users: Why few users of the test part can be asked, and what to do about it.
    """

    encoder: Encoder[Any]
    embeddings: Embeddings
    trend: Trend
    blend: Blend
    epochs: int
    valid_metric: float | None
    comparisons: list[Comparison]
    tested: TestedModel
    starts: FirstVectorsByStage
    few_users: str
    chosen: Mapping[str, float | str] = field(default_factory=dict)
    reduction: Reduction = field(default_factory=Reduction)

    def metrics(self) -> dict[str, float]:
        """Return all figures under flat names such as ``unseen.blend.ndcg@20``."""
        flat = {"epochs": float(self.epochs)} | self.reduction.metrics()
        if self.valid_metric is not None:
            flat["valid.ndcg@20"] = self.valid_metric
        for one in self.comparisons:
            mode = "seen" if one.seen else "unseen"
            for name, value in one.means.items():
                flat[f"{mode}.{one.method}.{name}"] = value
            for name, gap in one.against_blend.items():
                flat[f"{mode}.blend-{one.method}.{name}"] = gap.mean
                flat[f"{mode}.blend-{one.method}.{name}.low"] = gap.low
                flat[f"{mode}.blend-{one.method}.{name}.high"] = gap.high
        return flat

    def verdicts(self) -> list[str]:
        """Say, for lists with and without seen items, who won."""
        return verdicts(self.comparisons, self.few_users)


class _Experiment:
    """The trainings of one request, each by name."""

    def __init__(
        self,
        material: TrainingData,
        request: TrainingRequest,
        task: EvaluationTask,
        folder: Path,
        watch: FitObserver,
    ) -> None:
        self._request, self._watch, self._task = request, watch, task
        self.fitting = Fitting(material, request, folder, watch)
        self.parts = task.parts

    def train_validated(self) -> tuple[Encoder[Any], TrainingOutcome, splits.Split]:
        """Train on the training part less a validation part; return how, and both parts.

        Where nobody has anything to find in the validation part, there is nothing to stop by: the
        model is trained for all its epochs.
        """
        inner = self._task.validate()  # not kept: it is as large as what is trained on
        question = ranking.thinned(ranking.task(inner.earlier, inner.later, include_seen=False))
        popular = popularity_of(inner)

        def validate(embeddings: Embeddings) -> float:
            metric = blend.best_with_popularity(embeddings.score, popular, question)
            self._watch.validated(metric)
            return metric

        self.fitting.choose_recency(inner)
        some = validate if len(question.users) else None
        encoder, outcome = self.fitting.fit("search", inner.earlier, validate=some)
        return encoder, outcome, inner

    def search(self) -> SearchResult:
        """Train with validation, and choose the blend by it too."""
        encoder, outcome, inner = self.train_validated()
        plain = encoder.encode()
        self._watch.phase("choosing the blend by validation")
        if plain.edges is not None:
            plain = self.fitting.choose_profile(plain, inner)
            weights = blend.choose_beside_edges(plain.score, inner.earlier, inner.later)
            return SearchResult(outcome.epochs, outcome.metric, Trend(), weights)
        cosine = encoder.config.scoring == "cosine"
        found = self._reduction(plain, inner, cosine=cosine)
        plain = reduction.reduce(plain, found.after, cosine=cosine)
        trend, weights = blend.choose(
            (plain.users, plain.items), inner.earlier, inner.later, cosine=cosine
        )
        return SearchResult(outcome.epochs, outcome.metric, trend, weights, found)

    def _reduction(self, plain: Embeddings, inner: splits.Split, *, cosine: bool) -> Reduction:
        """Choose on validation to how many numbers wide vectors are reduced, and say so."""
        most = self._request.configs()[1].most_dimensions
        # Users' vectors that are made at request time are as wide as the model makes them.
        if _of_sequences(self._request) or not reduction.is_wide(plain, most):
            return Reduction()
        question = ranking.thinned(ranking.task(inner.earlier, inner.later, include_seen=False))
        found = reduction.choose(plain, question, most, cosine=cosine)
        if message := found.message():
            self._watch.phase(message)
        return found

    def contend(
        self, found: SearchResult
    ) -> tuple[Encoder[Any], Embeddings, dict[str, UserScorer]]:
        """Train on the whole training part, as ``found`` says.

        Returns:
            The model, its vectors as they are served, and scores of the blend and of the model.
        """
        known = self.parts.earlier
        encoder, _ = self.fitting.fit("test", known, epochs=found.epochs)
        served = folded(encoder, known, found.trend, found.reduction.after)
        return (
            encoder,
            served,
            {
                BLEND: blend.scorer(served.score, known, found.blend),
                self._request.model: encoder.encode().score,
            },
        )

    def judging(self) -> None:
        """Say that the test part is looked at."""
        self._watch.phase("judging on the test part")


def search(
    material: TrainingData,
    request: TrainingRequest,
    validation: splits.Split,
    folder: Path,
    watch: FitObserver | None = None,
) -> TrainingOutcome:
    """Carry out the first training alone, without a blend, on one validation split.

    Raises:
        Stopped: As ``run``.
    """
    task = EvaluationTask(validation, lambda: validation)
    experiment = _Experiment(material, request, task, folder, watch or FitObserver())
    return experiment.train_validated()[1]


def contenders(
    material: TrainingData,
    request: TrainingRequest,
    task: EvaluationTask,
    folder: Path,
    watch: FitObserver | None = None,
) -> TestedMethods:
    """Carry out the first two trainings of one task: what is to be judged on its test part.

    Raises:
        Stopped: As ``run``.
        DataError: As ``run``.
    """
    experiment = _Experiment(material, request, task, folder, watch or FitObserver())
    found = experiment.search()
    return TestedMethods(experiment.parts, found, experiment.contend(found)[-1])


def run(
    material: TrainingData, request: TrainingRequest, folder: Path, watch: FitObserver | None = None
) -> ExperimentResult:
    """Carry out the experiment; states to continue from are kept in ``folder``.

    Raises:
        Stopped: ``watch.should_stop`` returned True; the same call continues.
        DataError: The protocol leaves nothing to train or to test on.
    """
    *before, newest = request.tasks(material)
    watch = watch or FitObserver()
    judged = []
    for number, task in enumerate(before):
        # Vectors to start from have learned from the windows of older cuts.
        cold = replace(watch, warm={})
        earlier = contenders(material, request, task, folder / f"cut-{number}", cold)
        judged.append(JudgedTask(task, earlier.ours))
    experiment = _Experiment(material, request, newest, folder, watch)
    found = experiment.search()
    encoder, served, ours = experiment.contend(found)
    experiment.judging()
    comparisons = compare(
        [*judged, JudgedTask(newest, ours)],
        lambda: seed.generator(request.seed, "bootstrap"),
        request.judged_by,
    )
    state = encoder.state() if _of_sequences(request) else {}
    weights = {name: array(one).copy() for name, one in state.items()}
    tested = _tested(served, newest.parts, weights)
    few, fitting = sample_size.cause(newest.parts), experiment.fitting
    if request.refit:
        # What was judged makes room for the training that takes most.
        del before, judged, newest, experiment, encoder, ours
        encoder, _ = fitting.fit("final", material.events, epochs=found.epochs)
        served = folded(encoder, material.events, found.trend, found.reduction.after)
    figures = found.trend, found.blend, found.epochs, found.metric, comparisons
    chosen = fitting.chosen
    if found.reduction.after:
        chosen = chosen | {"reduced_to": found.reduction.after}
    return ExperimentResult(
        encoder, served, *figures, tested, fitting.starts, few, chosen, found.reduction
    )


def _tested(embeddings: Embeddings, parts: splits.Split, weights: Mapping[str, Any]) -> TestedModel:
    until = int(parts.earlier.at.max(initial=0))
    days = (int(parts.later.at.max(initial=0)) - until) / MILLISECONDS_PER_DAY
    return TestedModel(embeddings, until, days, weights)


def _of_sequences(request: TrainingRequest) -> bool:
    return request.model in MODELS and MODELS[request.model].kind == "sequence"
