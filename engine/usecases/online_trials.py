"""Decide on the trials of nights' candidates: promote one, roll it back, or let its trial go on."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from engine.ab_tests.online_gate import GateDecision, GateVerdict, decide, undecided
from engine.ab_tests.ratio_metric import metric_named
from engine.ab_tests.variant_totals import NOBODY, ExperimentTotals
from engine.answering.experiment_outcomes import ConversionRequest, experiment_totals
from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.experiment_definition import Experiment
from engine.data.online_trial import CANDIDATE, IN_SERVICE, OnlineGateLimits, OnlineTrial
from engine.errors import Busy, NotFound, PublishRefused, UsageError
from engine.graph import stored_generations
from engine.publishing import generations, needed_generations
from engine.publishing.generation_health import why_unservable
from engine.publishing.recorded_generations import records_of
from engine.store.graph_client import GraphClient
from engine.store.migration_lock import TrialLock
from engine.store.registry import Registry

__all__ = ["TrialDecision", "decide_trials", "decide_trials_of", "limits_of"]

_LOCK_SECONDS = 10.0
TrialState = Literal["promoted", "rolled-back", "ended", "running"]
_STATES: Mapping[GateVerdict, TrialState] = {
    "promote": "promoted",
    "roll-back": "rolled-back",
    "give-up": "ended",
    "wait": "running",
}


@dataclass(frozen=True)
class TrialDecision:
    """What was decided on a trial.

    Attributes:
        experiment: Its name.
        generation: On trial.
        state: ``promoted``: the candidate serves; ``rolled-back``: it is worse; ``ended``: the
            trial is over and nothing was shown; ``running``.
        why: A sentence.
    """

    experiment: str
    generation: int
    state: TrialState
    why: str

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def limits_of(settings: Settings) -> OnlineGateLimits:
    """Return what the settings ask of a candidate.

    Raises:
        UsageError: Lists are not remembered, or are forgotten before a trial ends.
    """
    if not settings.remember_lists:
        raise UsageError(
            "--online-gate needs lists that are remembered: remember_lists is false",
            hint="set remember_lists = true in engine.toml and start engine serve again",
        )
    if settings.online_gate_days > settings.list_days:
        raise UsageError(
            f"online_gate_days must be at most list_days, {settings.list_days:g}, not "
            f"{settings.online_gate_days:g}: older lists are forgotten",
            hint=f"set online_gate_days = {settings.list_days:g} in engine.toml",
        )
    return OnlineGateLimits(
        settings.online_gate_share,
        settings.online_gate_users,
        settings.online_gate_margin,
        settings.online_gate_metric,
        settings.online_gate_days,
        settings.online_gate_event,
    )


def decide_trials(settings: Settings) -> list[TrialDecision]:
    """Decide on every trial that runs; without one no database is asked.

    Raises:
        Busy: Another process is deciding.
    """
    with open_registry(settings) as registry:
        if not registry.experiments.trials():
            return []
        with open_graph(settings) as graph:
            return decide_trials_of(graph, registry, settings)


def decide_trials_of(
    graph: GraphClient, registry: Registry, settings: Settings
) -> list[TrialDecision]:
    """Do what ``decide_trials`` does, over stores that are open."""
    if not registry.experiments.trials():
        return []
    with TrialLock(graph, wait_seconds=_LOCK_SECONDS):
        return [
            _decide(_Stores(graph, registry, settings), one, one.trial)
            for one in registry.experiments.trials()
            if one.trial is not None
        ]


@dataclass(frozen=True)
class _Stores:
    graph: GraphClient
    registry: Registry
    settings: Settings


def _decide(stores: _Stores, one: Experiment, trial: OnlineTrial) -> TrialDecision:
    """Decide on one trial, and do what was decided."""
    over = _over(stores, trial)
    if over is not None:
        return _end(stores, one, trial, *over)
    decided = _look(stores, one, trial.limits)
    state = _STATES[decided.verdict]
    if state == "running":
        return TrialDecision(one.name, trial.candidate, state, decided.why)
    if state == "promoted":
        reason = generations.reason("retrain", f"{one.name}: {decided.why}")
        try:
            generations.move_pointer(stores.graph, stores.registry, trial.candidate, reason)
        except (NotFound, PublishRefused) as error:  # it was removed since we looked
            return _end(stores, one, trial, "ended", f"{error.message}.")
    return _end(stores, one, trial, state, decided.why)


def _over(stores: _Stores, trial: OnlineTrial) -> tuple[TrialState, str] | None:
    """Return why nothing can be compared any more, or None."""
    known = {stored.number: stored for stored in stored_generations.generations(stores.graph)}
    serving = next((stored.number for stored in known.values() if stored.serving), None)
    number = trial.candidate
    here = number in records_of(known.values(), stores.registry.generations())
    if serving == number and here:
        return "promoted", "Somebody put it into service."
    if serving != trial.in_service:
        now = "nothing is" if serving is None else f"generation {serving} is"
        why = f"Generation {trial.in_service} was in service when it began, and now {now}."
        return "ended", why
    if not here:
        return "ended", f"Generation {number} is not in the graph."
    fault = why_unservable(stores.graph, known[number])
    return None if fault is None else ("ended", f"Generation {number} cannot serve: {fault}.")


def _look(stores: _Stores, one: Experiment, limits: OnlineGateLimits) -> GateDecision:
    """Decide by what the users of a trial did."""
    metric, now = metric_named(limits.metric), datetime.now(UTC)
    request = ConversionRequest(limits.event or stores.settings.online_gate_event)
    try:
        found = experiment_totals(stores.graph, one, metric, request, stores.settings.list_days)
    except NotFound:  # no list yet
        found = ExperimentTotals({variant.name: NOBODY for variant in one.variants}, 0, 0)
    except UsageError as error:
        said = f"{error.message}; set online_gate_event in engine.toml"
        return undecided(one, limits, said, now)
    return decide(one, limits, found, now)


def _end(
    stores: _Stores, one: Experiment, trial: OnlineTrial, state: TrialState, why: str
) -> TrialDecision:
    """End a trial; a candidate that does not serve is removed."""
    winner = {"promoted": CANDIDATE, "rolled-back": IN_SERVICE}.get(state)
    try:
        stores.registry.experiments.stop(one.name, generations.author(), winner, why)
    except UsageError:
        return TrialDecision(one.name, trial.candidate, "ended", "Somebody stopped it.")
    needed_generations.note(stores.graph, stores.registry)
    if state != "promoted":
        _remove(stores, trial.candidate, why)
    return TrialDecision(one.name, trial.candidate, state, why)


def _remove(stores: _Stores, number: int, why: str) -> None:
    """Take a candidate out of the graph; where a publish is at work, a later tidying does."""
    with suppress(NotFound):  # another home published it
        stores.registry.mark_generation(number, "refused", why)
    with suppress(Busy), generations.one_at_a_time(stores.settings):
        known = stored_generations.generations(stores.graph)
        if number in records_of(known, stores.registry.generations()):
            stored_generations.remove(stores.graph, number)
