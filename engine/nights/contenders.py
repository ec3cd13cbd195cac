"""Judge on one window what could serve: candidates, plain methods, and the generation in service.

What is in service has learned from the window, so its published vectors cannot be asked about it.
Its twin can: the same model as its own night judged it, before the last training, which has not
seen the window of any later night. It is as much older than tonight's candidate as the generation
itself is than what would follow it, so the two are compared as they would serve. Without a twin of
a like window: its published vectors, where all they learned from is older than the window; else
its model and settings, trained once more up to the window.

Where most events have no time the window is drawn at random, a fifth of the items of each user, and
what is in service is always trained once more without it; so it is where each user's last event is
asked for, of which a twin knows some and lacks others that serving knew. Everything is judged by
tonight's protocol; what was trained for another one says so.
"""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from engine.config import Settings
from engine.data import signals
from engine.data.arrays import Int64Array
from engine.data.checkpoint_files import twin_of
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.splits import Split
from engine.data.training_data import TrainingData
from engine.errors import DataError, EngineError, ModelError, NotFound, UsageError
from engine.evaluation import gate, hold_out_window
from engine.evaluation.baselines import BASELINES
from engine.evaluation.gate import VectorSpread
from engine.evaluation.hold_out_window import HoldOutKind, HoldOutWindow, WindowQuality
from engine.evaluation.protocols import EvaluationProtocol, NextBasket, Window
from engine.evaluation.ranked_score import RankedCandidates, ranked_scorer
from engine.experiments import experiment
from engine.experiments.ranker_windows import ranked_candidates
from engine.experiments.served_model import blend_score
from engine.experiments.train import judged_model, trained
from engine.experiments.training_request import TrainingRequest
from engine.graph.known_events import KnownEvents
from engine.graph.stored_generations import StoredGeneration
from engine.models import confidence
from engine.nights.retrain_request import RetrainRequest
from engine.nights.serving_run import ServingMethod, run_of, trained_for
from engine.publishing.plain_generation import SERVED
from engine.publishing.run_files import ranker_of
from engine.ranking.ranker import Ranker
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.store.registry_records import Run
from engine.training import checkpoint, device, seed
from engine.training.checkpoint import TrainedModel

_LIKE = 0.5
MaterialSource = Callable[[TrainingRequest], TrainingData]
"""Returns tonight's events, and what else the model of a request learns from."""
_BY_CUT = (Window.name, NextBasket.name)
_RANKER_OF_ONE_MOMENT = (
    "its ranker puts the candidates of one moment in order, and --protocol next-item asks each "
    "user at a moment of its own"
)


@dataclass(frozen=True, eq=False)
class RankedLists:
    """Where rankers are asked.

    Attributes:
        known: Returns all events; called where there is a ranker to ask.
        report: Called with a stage, how much of it is done, and how much there is.
    """

    graph: GraphClient
    registry: Registry
    known: Callable[[], KnownEvents]
    report: StageProgress = no_stage

    def of(
        self, model: TrainedModel, ranker: Ranker, moment: tuple[int, int], users: Int64Array
    ) -> RankedCandidates:
        """Return what a ranker makes of the candidates of users at a moment."""
        stores = self.graph, self.registry
        return ranked_candidates(stores, self.known(), model, ranker, moment, users, self.report)


@dataclass(frozen=True)
class WindowCut:
    """How a window is cut off.

    Attributes:
        protocol: Of one task, whose test part is the window.
        seed: Of the draw.
    """

    kind: HoldOutKind
    protocol: EvaluationProtocol
    seed: int


class Contenders:
    """A window and everything that is judged on it.

    Args:
        settings: Which home: checkpoints are there.
        cut: How the window is cut off: the split of every candidate's training.
        parts: What is known, and what happened in the window.
        lists: Where rankers are asked; None: no run has one.
        begins: From when on nothing is known; None: from the window's first event.

    Attributes:
        cut: As given.
    """

    def __init__(
        self,
        settings: Settings,
        cut: WindowCut,
        parts: Split,
        lists: RankedLists | None = None,
        begins: int | None = None,
    ) -> None:
        self._settings, self.cut, self._parts, self._lists = settings, cut, parts, lists
        self.window = HoldOutWindow(parts, begins)

    @classmethod
    def tonight(
        cls,
        settings: Settings,
        data: TrainingData,
        request: RetrainRequest,
        lists: RankedLists | None = None,
    ) -> "Contenders":
        """Return those of what a night is to be judged on (``hold_out_window.protocol_of``).

        Args:
            settings: Which home.
            data: All events, and their baskets where they are asked for.
            request: The protocol, the days and the seed.
            lists: Where rankers are asked.

        Raises:
            DataError: There are too few events, or not what the protocol goes by.
        """
        events, asked = data.events, request.protocol
        protocol = hold_out_window.protocol_of(events, request.window_days, asked)
        # The draw of a candidate's training, which must hold out the same events.
        (task,) = protocol.tasks(events, partial(seed.generator, request.seed), data.baskets)
        cut = WindowCut(hold_out_window.kind_of_cut(protocol), protocol, request.seed)
        # Between the cut and the first basket that is asked for others are known to nobody.
        begins = task.cut if protocol.by_basket else None
        return cls(settings, cut, task.parts, lists, begins)

    @property
    def days(self) -> float:
        """How long the window is, from the last event before it to its newest; 0 without a cut."""
        if self.cut.kind != "time":
            return 0.0
        until = int(self._parts.earlier.at.max(initial=0))
        return (int(self._parts.later.at.max(initial=0)) - until) / signals.MILLISECONDS_PER_DAY

    def plain(self) -> dict[str, WindowQuality]:
        """Return what the plain methods that can be served are worth."""
        return {name: self._plain(name) for name in SERVED}

    def candidate(self, run: Run) -> WindowQuality:
        """Return what the twin of tonight's run is worth, with its ranker where it has one."""
        twin = checkpoint.load(twin_of(self._file(run)))
        return self._judged(twin, self._until(twin), run)

    def shapes(self, run: Run) -> dict[str, VectorSpread]:
        """Return how the learned part of the vectors lies that would be published of a run.

        A filter has none.
        """
        final = checkpoint.load(self._file(run))
        if final.edges is not None:
            return {}
        final = final.by_rows_of(self._parts.earlier.users, self._parts.earlier.items)
        users, items = final.user_vectors, final.item_vectors
        if final.settings.get("trend"):  # its coordinate is the same for all users, by design
            users, items = users[:, :-1], items[:, :-1]
        events = self._parts.earlier.joined(self._parts.later)
        # A pair that weighs nothing or too little teaches nothing: who has no other has no vector.
        learned = confidence.confidences(events, confidence.config_of(final.settings))
        used = np.bincount(learned.indices, minlength=events.n_items) > 0
        return {
            "User": gate.vector_spread(users, np.diff(learned.indptr) > 0),
            "Item": gate.vector_spread(items, used),
        }

    def as_served(self, registry: Registry, one: StoredGeneration) -> WindowQuality:
        """Judge a generation by what it serves; it must know nothing of the window.

        Raises:
            NotFound: Its run is not in this registry.
            CheckpointInvalid: The checkpoint of its run is gone.
        """
        if plain := one.settings.get("plain"):
            return self._plain(str(plain))
        if (run := run_of(registry, one)) is None:
            raise NotFound(f"the run of generation {one.number} is not in this registry")
        published = checkpoint.load(self._file(run))
        until = int(one.settings.get("newest_at") or self._newest_known)
        return self._judged(published, until, run)

    def in_service(
        self, data_of: MaterialSource, registry: Registry, one: StoredGeneration
    ) -> ServingMethod:
        """Judge the generation in service; see the module for how."""
        if plain := one.settings.get("plain"):
            judged = self._plain(str(plain))
            return ServingMethod(one.number, str(plain), judged, "the plain method itself")
        name = f"generation {one.number}"
        run = run_of(registry, one)
        if run is None or run.checkpoint is None:
            return ServingMethod(one.number, name, None, "its run is not in this registry")
        if self.cut.kind == "leave-last-out" and run.ranker_digest is not None:
            return ServingMethod(one.number, name, None, _RANKER_OF_ONE_MOMENT)
        return self._trained_method(data_of, registry, one, run)

    def _trained_method(
        self, data_of: MaterialSource, registry: Registry, one: StoredGeneration, run: Run
    ) -> ServingMethod:
        """Judge a generation in service by its twin, its vectors or its settings."""
        name = f"generation {one.number}"
        other = trained_for(run, self.cut.protocol)
        with suppress(EngineError):
            twin = checkpoint.load(twin_of(self._file(run)))
            if self._comparable(twin):
                judged = self._judged(twin, self._until(twin), run)
                return ServingMethod(one.number, name, judged, "its twin", other)
        newest = one.settings.get("newest_at")
        if newest is not None and self.cut.kind == "time" and newest < self.window.begins:
            with suppress(EngineError):
                judged = self.as_served(registry, one)
                how = "its vectors, older than the window"
                return ServingMethod(one.number, name, judged, how, other)
        try:
            judged = self._retrained(data_of, run)
        except (UsageError, ModelError, DataError) as error:  # something it needs is no more
            return ServingMethod(one.number, name, None, error.message)
        until = "up to the window" if self.cut.kind == "time" else "without what is held out"
        return ServingMethod(one.number, name, judged, f"its settings, trained {until}")

    def _plain(self, name: str) -> WindowQuality:
        return self.window.judge(BASELINES[name](self._parts.earlier))

    def _file(self, run: Run) -> Path:
        return self._settings.home / (run.checkpoint or "")

    def _comparable(self, twin: TrainedModel) -> bool:
        """Tell whether a twin knows nothing of the window and was cut off by a like one."""
        by_time = twin.settings.get("split") == "time" or twin.settings.get("protocol") in _BY_CUT
        if self.cut.kind != "time" or not by_time:
            return False  # it held out other events, and knows some of these
        until, days = twin.settings["until"], twin.settings["days"]
        alike = abs(days - self.days) <= _LIKE * self.days
        return bool(0 < until <= self.window.begins and alike)

    def _retrained(self, data_of: MaterialSource, run: Run) -> WindowQuality:
        cut, asked = self.cut, TrainingRequest.of_run(run)
        number = cut.seed if cut.kind == "random" else run.seed
        request = TrainingRequest(
            run.model, asked.settings, seed=number, refit=False, protocol=cut.protocol
        )
        material = data_of(request)
        with tempfile.TemporaryDirectory() as folder, device.default_device(self._settings.device):
            result = experiment.run(material, request, Path(folder))
        twin = judged_model(trained(result, material, request, None), result)
        return self._judged(twin, self._newest_known, run)

    @property
    def _newest_known(self) -> int:
        return int(self._parts.earlier.at.max(initial=0))

    def _until(self, twin: TrainedModel) -> int:
        """Return up to when a twin learned; without a cut, it has learned all that is known."""
        return int(twin.settings["until"]) if self.cut.kind == "time" else self._newest_known

    def _judged(self, model: TrainedModel, until: int, run: Run) -> WindowQuality:
        """Judge a model that learned what happened up to ``until``, epoch milliseconds."""
        events = self._parts.earlier
        model = model.by_rows_of(events.users, events.items)
        score = blend_score(model, self._parts, until)
        ranker = None if self._lists is None else ranker_of(run, self._file(run))
        if self._lists is not None and ranker is not None:
            moment = min(until, self.window.begins - 1), self.window.begins
            ranked = self._lists.of(model, ranker, moment, self.window.users)
            score = ranked_scorer(ranked, score)
        return self.window.judge(score)
