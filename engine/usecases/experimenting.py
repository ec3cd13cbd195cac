"""Experiments on users: start one, list them, who gets which variant, what it shows, stop it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.ab_tests.assignment import assigned
from engine.ab_tests.ratio_metric import METRICS, Metric
from engine.answering.experiment_request import ExperimentRequest, variants_of
from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.experiment_definition import DEFAULT_LAYER, Experiment, Variant
from engine.errors import EngineError, NotFound, PublishRefused
from engine.graph import stored_generations, stored_lists
from engine.graph.lists import ranked
from engine.graph.stored_generations import StoredGeneration
from engine.publishing import generations, needed_generations
from engine.publishing.generation_health import why_unservable
from engine.store.experiment_registry import NewExperiment, generations_of
from engine.store.graph_client import GraphClient
from engine.usecases import naming_lists

if TYPE_CHECKING:
    pass

__all__ = [
    "METRICS",
    "Experiment",
    "ExperimentRequest",
    "Metric",
    "StoppedExperiment",
    "Variant",
    "assign",
    "list_experiments",
    "start",
    "stop",
]


@dataclass(frozen=True)
class StoppedExperiment:
    """An experiment that has ended.

    Attributes:
        promoted: The generation that serves since then, where the winner is one.
        remark: What the winner has that a promotion does not bring, or "".
    """

    experiment: Experiment
    promoted: int | None
    remark: str


def start(settings: Settings, request: ExperimentRequest) -> Experiment:
    """Start an experiment.

    Raises:
        UsageError: A name, a share or an option is not allowed, or too few users are free.
        NotFound: A variant's generation or list is not there.
        PublishRefused: A variant's generation is not whole.
    """
    variants = variants_of(request)
    new = NewExperiment(
        request.name,
        request.metric,
        request.layer,
        request.traffic,
        variants,
        request.days,
        generations.author(),
        interleaved=request.interleave,
    )
    with open_registry(settings) as registry:
        if not any(one.kind in ("generation", "list") for one in variants):
            return registry.experiments.start(new)
        shown = {one.generation for one in variants if one.generation is not None}
        with open_graph(settings) as graph, needed_generations.kept(graph, registry, shown):
            _check_all_there(settings, graph, variants)
            return registry.experiments.start(new)


def list_experiments(settings: Settings) -> list[Experiment]:
    """Return every experiment there was, newest first."""
    with open_registry(settings) as registry:
        return registry.experiments.all()


def assign(
    settings: Settings, user: str, layer: str = DEFAULT_LAYER
) -> tuple[Experiment, Variant] | None:
    """Return the experiment of a layer that a user is in and the variant; None: in none."""
    with open_registry(settings) as registry:
        return assigned(registry.experiments.running(), layer, user)


def stop(settings: Settings, name: str, winner: str | None = None) -> StoppedExperiment:
    """End an experiment; a winner that is a generation is promoted.

    Raises:
        NotFound: There is no such experiment or variant, or the winner's generation is gone.
        UsageError: It ended before.
        PublishRefused: The winner's generation is not whole: the experiment runs on.
    """
    with open_registry(settings) as registry:
        one = registry.experiments.named(name)
        won = None if winner is None else _variant_named(one, winner)
        promoted = None
        if one.stopped_at is None and won is not None and won.generation is not None:
            why = generations.reason("promote", f"experiment {name}: {winner} won")
            with open_graph(settings) as graph:
                generations.move_pointer(graph, registry, won.generation, why)
            promoted = won.generation
        stopped = registry.experiments.stop(name, generations.author(), winner)
        if generations_of([stopped]):
            with suppress(EngineError), open_graph(settings) as graph:
                needed_generations.note(graph, registry)
    return StoppedExperiment(stopped, promoted, "" if won is None else _not_promoted(won))


def _not_promoted(won: Variant) -> str:
    """Say what of a winner the pointer to a generation cannot hold."""
    if won.kind == "list":
        return f"The list {won.list} won: show it where the experiment was."
    if won.kind == "holdout":
        return "The popular items won: nothing is promoted."
    if won.options:
        said = ", ".join(f"{name} = {value}" for name, value in won.options.items())
        return f"Its options are no part of a generation: ask for lists with {said}."
    return ""


def _variant_named(one: Experiment, name: str) -> Variant:
    found = one.variant(name)
    if found is None:
        known = ", ".join(variant.name for variant in one.variants)
        raise NotFound(f"the experiment {one.name} has no variant {name}", hint=f"it has {known}")
    return found


def _check_all_there(settings: Settings, graph: GraphClient, variants: Sequence[Variant]) -> None:
    """Refuse variants of which one could not be shown, and let the server plan their lists."""
    stored = {one.number: one for one in stored_generations.generations(graph)}
    for one in variants:
        _check_there(settings, graph, stored, one)
        if one.generation is not None:
            ranked.warm_plan(graph, one.generation)


def _check_there(
    settings: Settings, graph: GraphClient, stored: Mapping[int, StoredGeneration], one: Variant
) -> None:
    """Refuse a variant that could not be shown.

    Raises:
        NotFound: Its generation or its list is not there.
        PublishRefused: Its generation is not whole.
    """
    if one.list is not None:
        naming_lists.named_list_of(settings, stored_lists.current(graph), one.list)
    if one.generation is None:
        return
    if one.generation not in stored:
        raise NotFound(
            f"the variant {one.name}: generation {one.generation} is not in the graph",
            hint="see which are: engine generations; publish it again: engine publish --run ID",
        )
    if fault := why_unservable(graph, stored[one.generation]):
        raise PublishRefused(
            f"the variant {one.name}: generation {one.generation} cannot serve: {fault}",
            hint="publish it again: engine publish --run ID",
        )
