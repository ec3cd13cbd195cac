"""What a night would do, found out without doing any of it."""

from typing import Any

from engine.config import Settings
from engine.evaluation import hold_out_window
from engine.experiments.training_request import TrainingRequest
from engine.graph import census, stored_generations
from engine.graph.pulling import pull
from engine.graph.stored_generations import StoredGeneration
from engine.nights import night_steps
from engine.nights.night_steps import NightContext
from engine.nights.retrain_request import RetrainRequest
from engine.nights.serving_run import run_of
from engine.nights.waiting import FileOutcome
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry


def plan(
    graph: GraphClient,
    registry: Registry,
    settings: Settings,
    request: RetrainRequest,
    files: list[FileOutcome],
) -> dict[str, Any]:
    """Return what the next night with this request would do; nothing is written or loaded.

    Args:
        graph: Which graph.
        registry: Where nights are recorded.
        settings: Which home.
        request: What the night would be asked to do.
        files: What is known of the files that wait: ``waiting.inspect``.
    """
    context = NightContext(settings, request, (graph, registry), 0, lambda *_: None)
    looked = night_steps.look(context, pull.newest_batch)
    loads = [one.file for one in files if one.held is None]
    trials = [one.name for one in registry.experiments.trials()]
    trains = list(request.models) if (looked["new"] or loads) and not trials else []
    last = next(iter(registry.nights.nights(1)), None)
    goes_on = last is not None and last.status != "finished" and last.asked == request.digest()
    known = stored_generations.generations(graph)
    return {
        "files": [one.as_dict() for one in files],
        "would_load": loads,
        "would_continue": last.id if last and goes_on else None,
        "steps_done": [step.name for step in last.steps] if last and goes_on else [],
        "would_train": trains,
        "why": _why(trials, trains),
        "in_service": looked["serving"],
        "protocol": request.protocol,
        "judged_on": _judged_on(graph, looked["events"], files, request),
        "in_service_trained_for": _trained_for(registry, known),
        "events": looked["events"],
        "new_events": looked["new_events"],
        "generations": [one.number for one in known],
    }


def _why(trials: list[str], trains: list[str]) -> str:
    if trials:
        return f"{trials[0]} runs: nothing is trained unless it ends first"
    return "there is something new" if trains else "nothing has arrived"


def _judged_on(
    graph: GraphClient, events: int, files: list[FileOutcome], request: RetrainRequest
) -> str:
    """Say how the window would be cut off once the files that wait are loaded."""
    fit = [one for one in files if one.kind == "events" and one.held is None]
    coming = sum(one.read - one.duplicate - one.quarantined for one in fit)
    untimed = census.events_without_time(graph) + sum(one.without_time for one in fit)
    note = hold_out_window.untimed_note(untimed, events + coming, request.protocol)
    return note or hold_out_window.described(request.protocol)


def _trained_for(registry: Registry, known: list[StoredGeneration]) -> str | None:
    """Return the protocol that the generation in service was trained by; None of a plain method."""
    serving = next((one for one in known if one.serving), None)
    run = None if serving is None else run_of(registry, serving)
    return None if run is None else TrainingRequest.of_run(run).judged_by.name
