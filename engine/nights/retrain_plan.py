"""What a night would do, found out without doing any of it."""

from typing import Any

from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.graph import stored_generations
from engine.nights import night_steps, waiting
from engine.nights.night_steps import NightContext
from engine.nights.retrain_request import RetrainRequest


def plan(settings: Settings, request: RetrainRequest) -> dict[str, Any]:
    """Return what the next night with this request would do; nothing is written or loaded.

    Raises:
        DataError: There is no folder of that name.
        UsageError: A setting is unknown or not allowed.
    """
    request.check()
    files = [] if request.waiting is None else waiting.inspect(settings, request.waiting)
    with open_registry(settings) as registry, open_graph(settings) as graph:
        context = NightContext(settings, request, (graph, registry), 0, lambda *_: None)
        looked = night_steps.look(context)
        loads = [one.file for one in files if one.held is None]
        trains = list(request.models) if looked["new"] or loads else []
        last = next(iter(registry.nights.nights(1)), None)
        goes_on = last is not None and last.status != "finished" and last.asked == request.digest()
        known = stored_generations.generations(graph)
        return {
            "files": [one.as_dict() for one in files],
            "would_load": loads,
            "would_continue": last.id if last and goes_on else None,
            "steps_done": [step.name for step in last.steps] if last and goes_on else [],
            "would_train": trains,
            "why": "there is something new" if trains else "nothing has arrived",
            "in_service": looked["serving"],
            "events": looked["events"],
            "new_events": looked["new_events"],
            "generations": [one.number for one in known],
        }
