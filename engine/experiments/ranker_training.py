"""Learn a ranker for a trained model: from several windows before the one that judges the model.

The model is trained once more on what happened before all of these windows, so that its vectors
have seen nothing of them. The newest of the windows is validation: a ranker of the others says how
many trees there are to be, and whether a ranker serves at all: it must beat the blend there outside
the noise. One that does learns from all windows, is judged beside the blend on the model's test
part by vectors that have not seen it, and is kept beside the model's checkpoint.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.config import Settings
from engine.data.arrays import Int32Array, Int64Array
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.splits import Split
from engine.data.training_data import TrainingData
from engine.errors import DataError
from engine.evaluation.blend import Blend
from engine.evaluation.comparison import BLEND
from engine.evaluation.evaluation_setup import difference, pooled, questions_of
from engine.evaluation.hold_out_window import HoldOutWindow
from engine.evaluation.protocols import EvaluationTask, cuts
from engine.evaluation.protocols.window import LEAST_KNOWN, split_at
from engine.evaluation.ranked_score import RankedCandidates, ranked_scorer
from engine.evaluation.ranking import UserScorer, top
from engine.evaluation.sample_size import FEWEST_USERS, too_few
from engine.evaluation.served_score import served_score
from engine.evaluation.significance import Difference, paired_bootstrap
from engine.evaluation.trend import Trend
from engine.experiments.experiment import vectors_before
from engine.experiments.fitting import FitObserver
from engine.experiments.ranker_windows import (
    PastCandidates,
    PastQuestions,
    active_users,
)
from engine.experiments.training_request import TrainingRequest
from engine.graph.known_events import KnownEvents
from engine.publishing.hidden_generation import hidden_generation
from engine.ranking import ranker as rankers
from engine.ranking.ranker import LabelledCandidates, Ranker, RankerSettings
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.training import device, seed
from engine.training.checkpoint import TrainedModel

WINDOW_DAYS, WINDOWS = 7, 4
_MOST_USERS = 1_000
_TREES = (50, 100, 200, 400)
RANKED = "ranked"
_JUDGED = ("ndcg@20", "recall@20")


@dataclass(frozen=True)
class RankerReport:
    """What came of it.

    Attributes:
        ranker: None where none serves.
        why: One sentence: by what it serves, or why none does.
        metrics: Figures by flat names such as ``seen.ranked.ndcg@20``.
        ranked: What the ranker makes of the candidates of the test part's users.
    """

    ranker: Ranker | None
    why: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    ranked: RankedCandidates | None = None


@dataclass(frozen=True, eq=False)
class RankedModel:
    """A model whose ranker is to be learned.

    Attributes:
        twin: The model as it was judged: it has seen nothing of the test part.
        task: What the twin knows, and the test part.
        epochs: How long to train it on less.
    """

    twin: TrainedModel
    task: EvaluationTask
    epochs: int

    @property
    def begins(self) -> int:
        """When the test part begins, epoch milliseconds."""
        return self.task.cut or int(self.task.parts.later.at.min())


class RankerTraining:
    """The learning of one ranker.

    Args:
        graph: Where candidates come from; the caller holds the lock of publishing.
        registry: Where numbers of generations are taken.
        known: The events of the graph, of which the model's are a part.
        settings: How the trees grow; the number of trees is found.
        report: Called with a stage, how much of it is done, and how much there is.
    """

    def __init__(
        self,
        graph: GraphClient,
        registry: Registry,
        known: KnownEvents,
        settings: RankerSettings = RankerSettings(),
        report: StageProgress = no_stage,
    ) -> None:
        self._graph, self._registry, self._known = graph, registry, known
        self._settings, self._report = settings, report
        self._names = known.grouping()

    @property
    def _groups(self) -> Int32Array:
        return self._known.groups(self._names)

    def windows(self, begins: int) -> list[int]:
        """Return the cuts of the windows to learn from, oldest first.

        Args:
            begins: Nothing from it on is in any window, epoch milliseconds.

        Raises:
            DataError: There are fewer than two with enough users in them.
        """
        events = self._known.events
        enough = LEAST_KNOWN * int((events.at < begins).sum())
        found = [
            cut
            for cut in cuts.cuts_before(begins, WINDOW_DAYS, WINDOWS).tolist()
            if (events.at < cut).sum() >= enough
        ]
        users = [len(active_users(events, cut, WINDOW_DAYS)) for cut in found]
        while users and users[0] < FEWEST_USERS:
            users, found = users[1:], found[1:]
        if len(found) < 2 or min(users) < FEWEST_USERS:
            fewest = too_few(min(users, default=0), "").strip().rstrip(".")
            raise DataError(f"a ranker learns from two weeks at least: {fewest} in one of them")
        return found

    def rows(self, before: TrainedModel, windows: list[int], number: int) -> list[PastCandidates]:
        """Return the candidates of each window, of a sample of its users; of all in the last."""
        asking = PastQuestions(self._graph, number, self._known, self._groups, self._report)
        found = []
        for cut in windows:
            users = active_users(self._known.events, cut, WINDOW_DAYS)
            if cut != windows[-1] and len(users) > _MOST_USERS:
                draw = seed.generator(before.seed, f"ranker {cut}")
                users = np.sort(draw.choice(users, _MOST_USERS, replace=False))
            asking.know(cut - 1)
            found.append(asking.ask(users, cut))
        return found

    def learn(self, before: TrainedModel, begins: int) -> RankerReport:
        """Return the ranker of a model that has seen nothing of the windows before ``begins``."""
        windows = self.windows(begins)
        with hidden_generation(self._graph, self._registry, before, self._report) as number:
            rows = self.rows(before, windows, number)
        labelled = [
            one.labelled(split_at(self._known.events, cut, WINDOW_DAYS).later)
            for one, cut in zip(rows, windows, strict=True)
        ]
        self._report("learning to rank", 0, 1)
        parts = split_at(self._known.events, windows[-1], WINDOW_DAYS)
        trees, values, blended = self._validated(before, labelled[:-1], rows[-1], parts, windows[0])
        gap = paired_bootstrap(values, blended, seed.generator(before.seed, "bootstrap"))
        metrics = {
            "ranker.trees": float(trees),
            "valid.ranked.ndcg@20": float(values.mean()),
            "valid.blend.ndcg@20": float(blended.mean()),
            **_flat("valid.ranked-blend.ndcg@20", gap),
        }
        figures = f"{values.mean():.4f} against {blended.mean():.4f} of the blend, {gap.mean:+.4f}"
        figures += f" [{gap.low:+.4f}, {gap.high:+.4f}] over {gap.users} users of the last window"
        if not gap.better:
            return RankerReport(None, f"No ranker serves: ndcg@20 {figures}.", metrics)
        ranker = self._fit(labelled, trees, before.seed)
        return RankerReport(ranker, f"A ranker serves: ndcg@20 {figures}.", metrics)

    def _fit(self, windows: list[LabelledCandidates], trees: int, seed_number: int) -> Ranker:
        settings = replace(self._settings, trees=trees)
        return rankers.fit(windows, settings, self._names, seed_number)

    def _validated(
        self,
        before: TrainedModel,
        labelled: list[LabelledCandidates],
        rows: PastCandidates,
        parts: Split,
        until: int,
    ) -> tuple[int, Any, Any]:
        """Return how many trees, and a value of each user by a ranker and by the blend."""
        window = HoldOutWindow(parts)
        blended = blend_score(before, parts, until - 1)
        most = self._fit(labelled, max(_TREES), before.seed)
        judged = {}
        for trees in _TREES:
            scores = most.score(rows.features, trees)
            ranked = ranked_scorer(RankedCandidates(rows.users, rows.items, scores), blended)
            judged[trees] = window.judge(ranked).values
        best = max(_TREES, key=lambda trees: (judged[trees].mean(), -trees))
        return best, judged[best], window.judge(blended).values

    def scores(
        self, model: TrainedModel, ranker: Ranker, until: int, users: Int64Array, cut: int
    ) -> RankedCandidates:
        """Return what a ranker makes of the candidates of users at a moment.

        Args:
            model: Whose vectors are asked; it has seen nothing from ``cut`` on.
            ranker: Puts the candidates in order.
            until: Epoch milliseconds up to which counts and lists are stored; what the users did
                since is known all the same.
            users: Rows of the events.
            cut: Epoch milliseconds.
        """
        groups = self._known.groups(ranker.groups)
        with hidden_generation(self._graph, self._registry, model, self._report) as number:
            asking = PastQuestions(self._graph, number, self._known, groups, self._report)
            asking.know(until)
            found = asking.ask(users, cut)
        return RankedCandidates(found.users, found.items, ranker.score(found.features))


def blend_score(model: TrainedModel, parts: Split, until: int) -> UserScorer:
    """Return the score of the blend that a model is served by.

    Args:
        model: By rows of the events.
        parts: The first is known.
        until: When the newest event happened that the model has learned from, epoch milliseconds.
    """
    weights = Blend(
        model.popularity_weight, model.again_weight, model.half_life_days, model.drift_weight
    )
    vectors = model.user_vectors, model.item_vectors
    return served_score(vectors, parts.earlier, weights, until, cosine=model.scoring == "cosine")


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
        stores: The graph and the registry; the caller holds the lock of publishing.
        settings: Which device trains.
        model: The model as it was judged.
        material: What it learned from.
        request: How it was trained.
        watch: Follows and stops its training on less.
        report: Called with a stage, how much of it is done, and how much there is.

    Raises:
        DataError: The events are too few, or most have no time.
    """
    graph, registry = stores
    if request.judged_by.name not in ("split", "window") or model.begins <= 0:
        raise DataError("a ranker is learned for a model that is judged by time")
    training = RankerTraining(graph, registry, KnownEvents.beside(graph, material.events, material.baskets), report=report)
    windows = training.windows(model.begins)
    with tempfile.TemporaryDirectory() as folder:
        with device.default_device(settings.device):
            vectors = vectors_before(
                material,
                request,
                windows[0],
                (model.epochs, _trend(model.twin)),
                (Path(folder), watch or FitObserver()),
            )
    before = replace(
        model.twin,
        user_vectors=vectors.users,
        item_vectors=vectors.items,
        seed=request.seed,
        entity_vectors=None,
    )
    found = training.learn(before, model.begins)
    if found.ranker is None:
        return found
    parts, cut = model.task.parts, model.begins
    users = np.intersect1d(parts.earlier.user, parts.later.user).astype(np.int64)
    ranked = training.scores(model.twin, found.ranker, cut - 1, users, cut)
    return replace(found, metrics={**found.metrics, **_judged(model, ranked)}, ranked=ranked)


def _judged(model: RankedModel, candidates: RankedCandidates) -> dict[str, float]:
    """Return the figures of a ranker beside those of the blend on a model's test part."""
    blended = blend_score(model.twin, model.task.parts, model.begins - 1)
    ranked = ranked_scorer(candidates, blended)
    flat: dict[str, float] = {}
    for seen, questions in questions_of([model.task]).items():
        mode = "seen" if seen else "unseen"
        quality = {
            name: pooled(questions, [top(one, score, 20) for one in questions], (20,))
            for name, score in ((RANKED, ranked), (BLEND, blended))
        }
        flat |= {f"{mode}.{RANKED}.{name}": value for name, value in quality[RANKED].means.items()}
        for name in _JUDGED:
            draw = seed.generator(model.twin.seed, "bootstrap")
            gap = difference(quality[RANKED], quality[BLEND], name, draw)
            flat |= _flat(f"{mode}.{RANKED}-{BLEND}.{name}", gap)
    return flat


def _flat(name: str, gap: Difference) -> dict[str, float]:
    return {name: gap.mean, f"{name}.low": gap.low, f"{name}.high": gap.high}


def _trend(model: TrainedModel) -> Trend:
    return Trend(model.settings["trend"], model.settings["trend_half_life_days"])
