"""Retrain every night: carry a night out, say what it would do, break the lock of a lost one."""

from typing import Any

from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.evaluation.gate import GateLimits
from engine.evaluation.hold_out_window import HOLD_OUT_PROTOCOLS
from engine.evaluation.sample_size import FEWEST_USERS
from engine.nights import retrain as nights
from engine.nights import retrain_plan, waiting
from engine.nights.night_reports import held_note
from engine.nights.retrain_request import NightSummary, RetrainRequest
from engine.nights.waiting import FolderRequest, first_look
from engine.store.migration_lock import LockHolder, NightLock, TrialLock
from engine.usecases.online_trials import decide_trials_of, limits_of

__all__ = [
    "FEWEST_USERS",
    "HOLD_OUT_PROTOCOLS",
    "FolderRequest",
    "GateLimits",
    "LockHolder",
    "NightSummary",
    "RetrainRequest",
    "break_night_lock",
    "first_look",
    "held_note",
    "limits_of",
    "plan_night",
    "retrain",
]


def retrain(
    settings: Settings,
    request: RetrainRequest,
    report: StageProgress = no_stage,
) -> NightSummary:
    """Carry out a night, or go on with the one that was interrupted.

    Trials of earlier nights are decided on first.

    Args:
        settings: Which graph, which home.
        request: What to load, train and judge.
        report: Called with what is being done, how much is done, and of how much.

    Raises:
        Busy: Another night is at work on this home or this graph, or a removal of this home has
            been for an hour.
        UsageError: A setting is unknown or not allowed.
        KeyboardInterrupt: The user stopped it; the same call goes on.
    """
    request.check()
    with (
        nights.one_night_at_a_time(settings),
        open_registry(settings) as registry,
        open_graph(settings) as graph,
        NightLock(graph, wait_seconds=0),
    ):
        decided = [one.as_dict() for one in decide_trials_of(graph, registry, settings)]
        return nights.retrain(graph, registry, settings, request, report, decided)


def plan_night(settings: Settings, request: RetrainRequest) -> dict[str, Any]:
    """Return what the next night with this request would do; nothing is written or loaded.

    Raises:
        DataError: There is no folder of that name.
        UsageError: A setting is unknown or not allowed.
    """
    request.check()
    files = [] if request.waiting is None else waiting.inspect(settings, request.waiting)
    with open_registry(settings) as registry, open_graph(settings) as graph:
        return retrain_plan.plan(graph, registry, settings, request, files)


def break_night_lock(settings: Settings) -> LockHolder | None:
    """Remove the graph's lock of nights, whoever holds it, and return who that was."""
    with open_graph(settings) as graph:
        TrialLock.break_lock(graph)
        return NightLock.break_lock(graph)
