"""The steps of a night before the gate: load, look whether there is anything new, refresh, train.

Each takes the night's context and returns plain values, which are recorded.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.config import Settings
from engine.data.arrays import Int64Array
from engine.data.encoding.text_choice import TextChoice
from engine.data.interactions import Interactions
from engine.data.negative_feedback import NegativeFeedback
from engine.data.progress_callbacks import StageProgress
from engine.data.training_data import TrainingData
from engine.errors import DataError, ModelError
from engine.experiments.fitting import FitObserver
from engine.experiments.pulled_data import PulledData, with_extra_data
from engine.experiments.train import train
from engine.experiments.train_ranker import RankerExperiment
from engine.experiments.training_request import TrainingRequest
from engine.graph import census, stored_generations
from engine.graph.known_events import KnownEvents
from engine.graph.pulling import pull
from engine.graph.pulling.pull_feedback import pull_dislikes
from engine.models.registry_entries import ExtraData
from engine.nights.contenders import Contenders, RankedLists
from engine.nights.retrain_request import RetrainRequest
from engine.nights.serving_run import run_of
from engine.nights.waiting import load_waiting
from engine.publishing import generations, item_graphs
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.training.trainer import Progress

_PUBLISH_WAIT_SECONDS = 3_600.0


class NightContext:
    """What the steps of one night share: what is pulled is pulled once, when it is first asked for.

    Args:
        settings: Which home, which graph.
        request: What the night is asked to do.
        stores: The graph and the registry.
        night: Its number.
        report: Follows the progress.
    """

    def __init__(
        self,
        settings: Settings,
        request: RetrainRequest,
        stores: tuple[GraphClient, Registry],
        night: int,
        report: StageProgress,
    ) -> None:
        self.settings, self.request, self.night, self.report = settings, request, night, report
        self.graph, self.registry = stores
        self._materials: dict[tuple[frozenset[ExtraData], TextChoice], TrainingData] = {}

    def alone_publishing(self) -> AbstractContextManager[None]:
        """Hold the lock of publishing; hours of training do not fail for a publish that will end.

        Raises:
            Busy: Another publish has been at work for an hour.
        """
        return generations.one_at_a_time(self.settings, _PUBLISH_WAIT_SECONDS)

    @property
    def events(self) -> Interactions:
        """Every event of the graph."""
        return self.pulled[0]

    @property
    def events_watermark(self) -> int | None:
        """The watermark of the data when the events were pulled."""
        return self.pulled[2]

    @cached_property
    def pulled(self) -> tuple[Interactions, Int64Array, int | None]:
        """Every event of the graph, its basket, and the watermark when they were pulled."""
        # Before the pull: what arrives meanwhile may or may not be in.
        watermark = pull.data_watermark(self.graph)
        kinds = self.settings.event_weights
        return *pull.pull_baskets(self.graph, kinds=kinds), watermark

    @cached_property
    def dislikes(self) -> NegativeFeedback | None:
        """What users dislike, by the rows of the events."""
        return pull_dislikes(self.graph, self.events, self.settings.event_weights)

    def data(self, request: TrainingRequest) -> PulledData:
        """Return the same events, and what else the model of a request learns from.

        Models that learn from the same, and the ranker of each, are handed one pull.

        Raises:
            DataError: It is not in the graph, or users or items arrived since.
        """
        events, baskets, watermark = self.pulled
        asked = frozenset(request.wants()), request.texts()
        if asked not in self._materials:
            pulled = TrainingData(events, baskets=baskets, unwanted=self.dislikes)
            self._materials[asked] = with_extra_data(self.graph, pulled, *asked)
        return PulledData(self._materials[asked], watermark)

    @cached_property
    def known(self) -> KnownEvents:
        """The same events, and what rankers need beside them."""
        return KnownEvents.beside(self.graph, self.events, self.pulled[1])

    @cached_property
    def contenders(self) -> Contenders:
        """Tonight's window."""
        lists = RankedLists(self.graph, self.registry, lambda: self.known, self.report)
        data = TrainingData(self.events, baskets=self.pulled[1])
        return Contenders.tonight(self.settings, data, self.request, lists)


def load(context: NightContext) -> dict[str, Any]:
    """Load the files that wait."""
    waiting = context.request.waiting
    if waiting is None:
        return {"files": []}
    loaded = load_waiting(context.settings, waiting, context.report)
    return {"files": [one.as_dict() for one in loaded]}


def look(
    context: NightContext, watermark_of: Callable[[GraphClient], int | None] = pull.data_watermark
) -> dict[str, Any]:
    """Tell whether anything has arrived since the last night that asked for the same.

    Events, facts and attributes alike: each is a batch. The watermark is closed, so that none of
    them can come in below it and be missed by the next night.
    """
    watermark = watermark_of(context.graph)
    events = census.count(context.graph).events
    number = census.serving_generation(context.graph)
    last = last_look(context, context.request.digest())
    before = last_look(context, None)
    new = number is None or last is None or last["watermark"] != watermark
    return {
        "watermark": watermark,
        "events": events,
        "new_events": events - (before["events"] if before else 0),
        "new": new and events > 0,
        "serving": number,
    }


def outdated(context: NightContext, looked: dict[str, Any]) -> bool:
    """Tell whether something was loaded since an interrupted night looked."""
    return bool(looked["watermark"] != pull.newest_batch(context.graph))


def refresh(context: NightContext) -> dict[str, Any]:
    """Bring the graphs between items that are counted from events up to date."""
    return build_graphs(context, ("co-occurrence", "sequential"))


def build_graphs(context: NightContext, names: tuple[str, ...]) -> dict[str, Any]:
    """Build again those of some graphs between items that were ever built, as they were built."""
    kinds = context.settings.event_weights
    return dict(item_graphs.rebuild(context.graph, names, kinds, context.report))


def train_one(context: NightContext, model: str) -> dict[str, Any]:
    """Train a candidate; what it cannot be trained for is its result."""
    try:
        protocol = context.contenders.cut.protocol
    except DataError as error:  # there are too few events to hold any out
        return {"run": None, "failed": error.message}
    request = context.request.training(model, protocol)

    def report(stage: str, now: Progress) -> None:
        context.report(f"training {model}, {stage}", now.step, now.steps)

    try:
        done = train(
            context.registry,
            context.settings,
            request,
            context.data(request),
            FitObserver(report),
            resume=None,
            warm_from=_warm_from(context, model),
        )
    except (DataError, ModelError) as error:
        return {"run": None, "failed": error.message}
    return {"run": done.run_id, "seconds": round(done.seconds, 1)}


def rank_one(context: NightContext, model: str, run: int | None) -> dict[str, Any]:
    """Train the ranker of a candidate, where it can have one."""
    if run is None:
        return {"ranker": None, "causes": []}
    request = context.request.training(model, context.contenders.cut.protocol)
    done = RankerExperiment(
        (context.graph, context.registry),
        context.settings,
        request,
        context.data(request).material,
        FitObserver(lambda _, now: context.report(f"training {model}", now.step, now.steps)),
        context.report,
    ).train(run)
    digest = None if done.ranker is None else done.ranker.digest
    return {"ranker": digest, "causes": [f"{model}: {done.message}"]}


def _warm_from(context: NightContext, model: str) -> Path | None:
    """Return the checkpoint of the generation in service, where it is of the same model.

    None where no cut in time holds out what is judged on: its vectors have learned some of that.
    """
    if not context.request.warm or context.contenders.cut.kind != "time":
        return None
    known = stored_generations.generations(context.graph)
    serving = next((one for one in known if one.serving), None)
    run = None if serving is None else run_of(context.registry, serving)
    if run is None or run.model != model or run.checkpoint is None:
        return None
    return context.settings.home / run.checkpoint


def last_look(context: NightContext, asked: str | None) -> dict[str, Any] | None:
    """Return what the last finished night saw; with ``asked``, the last with this question."""
    for night in context.registry.nights.nights(100):
        if asked in (None, night.asked) and night.status == "finished":
            for step in night.steps:
                if step.name == "look":
                    return dict(step.result)
    return None
