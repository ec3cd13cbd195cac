"""The steps of a night about trials: wait while one runs, and put a candidate on trial."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from engine.data.experiment_definition import DEFAULT_LAYER, Experiment, Variant
from engine.data.online_trial import (
    CANDIDATE,
    IN_SERVICE,
    TRIAL_PREFIX,
    OnlineGateLimits,
    OnlineTrial,
)
from engine.errors import EngineError, UsageError
from engine.graph import census, stored_generations
from engine.graph.lists import ranked
from engine.nights.night_steps import NightContext
from engine.nights.night_verdict import promote, serving_now
from engine.publishing import generations, needed_generations
from engine.store.experiment_registry import NewExperiment
from engine.store.registry import Registry


def running_trial(context: NightContext) -> Experiment | None:
    """Return a trial that another night began: what it compares must not change meanwhile."""
    trials = context.registry.experiments.trials()
    return next((one for one in trials if one.trial and one.trial.night != context.night), None)


def wait(context: NightContext, trial: str, files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Leave all that is new to the night after the trial.

    Args:
        context: Of the night.
        trial: Name of the experiment.
        files: What became of those that waited.
    """
    return {
        "serving": census.serving_generation(context.graph),
        "new_events": sum(one["accepted"] for one in files if one["kind"] == "events"),
        "causes": [f"Nothing is trained while {trial} runs."],
    }


def begin_trial(
    context: NightContext, gated: dict[str, Any], published: dict[str, Any]
) -> dict[str, Any]:
    """Show what was published to a part of the users; where nothing serves yet, to everybody."""
    number, limits = published["generation"], context.request.online_gate
    serving = serving_now(context)
    if number is None or limits is None or serving is None:
        return promote(context, gated, published)
    if serving.number == number:  # somebody put it there while the night stood still
        return {"generation": number, "causes": [f"generation {number} is in service already."]}
    try:
        trial = OnlineTrial(context.night, number, serving.number, limits)
        with needed_generations.kept(context.graph, context.registry, [number]):
            begun = _begun(context.registry, trial)
    except UsageError as error:
        cause = f"generation {number} could not go on trial: {error.message}."
        with context.alone_publishing():
            stored_generations.remove(context.graph, number)
            context.registry.mark_generation(number, "refused", cause)
        return {"generation": None, "causes": [cause]}
    if begun.stopped_at is not None:
        said = f"{begun.name} ended while the night stood still"
        cause = f"{said}: {begun.stop_reason}" if begun.stop_reason else f"{said}."
        return {"generation": None, "causes": [cause]}
    with suppress(EngineError):  # the server plans it with the first list instead
        ranked.warm_plan(context.graph, number)
    cause = (
        f"generation {number} is on trial: {begun.name} shows it to {limits.share:g} % of the users"
    )
    return {"generation": None, "trial": begun.name, "causes": [f"{cause}."]}


def _begun(registry: Registry, trial: OnlineTrial) -> Experiment:
    """Return the experiment of a trial, started where this night has not done it already.

    One that this night started may have ended since.

    Its users are the widest part of the layer that no experiment has: the candidate's share of all
    users, and for the rest what serves.

    Raises:
        UsageError: Other experiments leave too few users.
    """
    name = f"{TRIAL_PREFIX}{trial.candidate}"
    for one in registry.experiments.all():
        if one.name == name and one.trial and one.trial.night == trial.night:
            return one
    free = registry.experiments.widest_gap(DEFAULT_LAYER)
    _check_room(registry, free, trial.limits)
    share = 100.0 * trial.limits.share / free
    variants = (
        Variant(IN_SERVICE, 100.0 - share, "serving"),
        Variant(CANDIDATE, share, "generation", trial.candidate),
    )
    new = NewExperiment(
        name,
        trial.limits.metric,
        DEFAULT_LAYER,
        free,
        variants,
        None,
        generations.author(),
        trial,
    )
    return registry.experiments.start(new)


def _check_room(registry: Registry, free: float, limits: OnlineGateLimits) -> None:
    if free >= 2.0 * limits.share:
        return
    running = [one.name for one in registry.experiments.running() if one.layer == DEFAULT_LAYER]
    raise UsageError(
        f"online_gate_share must be at most {free / 2.0:g}, half of the users who are free, not "
        f"{limits.share:g}: the others are in {', '.join(running)}",
        hint="engine experiment stop NAME",
    )
