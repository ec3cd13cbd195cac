"""Every night: load what waits, train candidates, judge them, let the best one serve or nobody new.

Each finished step is recorded with what came of it, so that the same call after an interruption
goes on at the step it had reached. Nothing is served before every rule of the gate has been kept.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from engine import private_files, tracing
from engine.config import Settings
from engine.connections.home import home_lock
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.errors import Busy, EngineError
from engine.nights import night_steps, night_verdict
from engine.nights.night_reports import causes
from engine.nights.night_steps import NightContext
from engine.nights.retrain_request import NightOutcome, NightSummary, RetrainRequest
from engine.nights.trial_steps import begin_trial, running_trial, wait
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.store.registry_records import Night

_REMOVAL_WAIT_SECONDS = 3_600


@contextmanager
def one_at_a_time(settings: Settings, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock of nights and removals of this home.

    Raises:
        Busy: Another one is at work, and still is after ``wait_seconds``.
    """
    held = "another retrain is running from this home, or a removal is"
    busy = Busy(held, hint="wait for it")
    with home_lock(settings, "retrain.lock", busy, wait_seconds=wait_seconds):
        yield


@contextmanager
def one_night_at_a_time(settings: Settings) -> Iterator[None]:
    """Hold the locks of a night of this home; that of the graph is ``store.NightLock``.

    ``engine tidy`` and ``engine forget`` may be at work when a scheduler begins a night: they end.

    Raises:
        Busy: Another night is at work, or a removal has been for an hour.
    """
    busy = Busy("another retrain is running from this home", hint="wait for it")
    with home_lock(settings, "night.lock", busy), one_at_a_time(settings, _REMOVAL_WAIT_SECONDS):
        yield


def retrain(
    graph: GraphClient,
    registry: Registry,
    settings: Settings,
    request: RetrainRequest,
    report: StageProgress = no_stage,
    decided: Sequence[Mapping[str, Any]] = (),
) -> NightSummary:
    """Carry out a night, or go on with the one that was interrupted.

    The caller holds both locks of nights: that of the home and that of the graph. What it has just
    decided on trials of earlier nights is recorded: ``engine.usecases.online_trials``.

    Raises:
        UsageError: A setting is unknown or not allowed.
        KeyboardInterrupt: The user stopped it; the same call goes on.
    """
    began = time.monotonic()
    night = registry.nights.begin(request.digest())
    context = NightContext(settings, request, (graph, registry), night.id, report)
    try:
        with tracing.span("night", night=night.id) as span:
            summary = _carry_out(context, night, decided, began)
            span.set("engine.outcome", summary.outcome)
    except KeyboardInterrupt:
        registry.nights.finish(night.id, "interrupted", None)
        raise
    except BaseException:
        with suppress(EngineError):  # the first failure is the one to report
            registry.nights.finish(night.id, "failed", None)
        raise
    registry.nights.finish(night.id, "finished", summary.outcome)
    return summary


class _Journal:
    """The steps of a night: those that are done are not done again."""

    def __init__(self, context: NightContext, night: Night) -> None:
        self._context = context
        self._done = {step.name: dict(step.result) for step in night.steps}
        self.continued = tuple(self._done)

    def step(self, name: str, work: Callable[[NightContext], dict[str, Any]]) -> dict[str, Any]:
        """Return what a step came to, carrying it out unless it is done."""
        if name not in self._done:
            began = time.monotonic()
            self._context.report(name, 0, 1)
            with tracing.span(f"night {name}"):
                result = work(self._context)
            nights = self._context.registry.nights
            nights.record_step(self._context.night, name, result, time.monotonic() - began)
            self._done[name] = result
        return self._done[name]

    def decided(self, decided: Sequence[Mapping[str, Any]]) -> list[str]:
        """Record what was decided on trials, and return a sentence on each."""
        if decided:
            causes = [f"{one['experiment']}: {one['state']}. {one['why']}" for one in decided]
            result = {"trials": [dict(one) for one in decided], "causes": causes}
            self._context.registry.nights.record_step(self._context.night, "decide", result, 0.0)
            self._done["decide"] = result
        return list(self._done.get("decide", {}).get("causes", ()))

    def load(self) -> list[dict[str, Any]]:
        """Return what became of the files; a night that goes on takes those that came meanwhile.

        Otherwise a night that fails again and again would keep new events out.
        """
        if "load" not in self._done:
            return list(self.step("load", night_steps.load)["files"])
        before = self._done["load"]["files"]
        if not (now := night_steps.load(self._context)["files"]):
            return list(before)
        files = list({one["file"]: one for one in (*before, *now)}.values())
        nights = self._context.registry.nights
        nights.record_step(self._context.night, "load", {"files": files}, 0.0)
        return files

    def look(self) -> dict[str, Any]:
        """Return what there is; where that has changed, the steps that rest on it are forgotten."""
        looked = self.step("look", night_steps.look)
        if not night_steps.outdated(self._context, looked):
            return looked
        names = list(self._done)
        later = names[names.index("look") :]
        self._context.registry.nights.forget_steps(self._context.night, later)
        self._done = {name: self._done[name] for name in names if name not in later}
        self.continued = tuple(self._done)
        return self.step("look", night_steps.look)


def _carry_out(
    context: NightContext, night: Night, decided: Sequence[Mapping[str, Any]], began: float
) -> NightSummary:
    """Do every step; the outcome is that of the gate, the rest is what it rests on."""
    journal = _Journal(context, night)
    decisions = journal.decided(decided)
    files = journal.load()
    trial = running_trial(context)
    if trial is None:
        seen = journal.look()
    else:
        seen = journal.step("wait", partial(wait, trial=trial.name, files=files))
    summary: dict[str, Any] = {
        "night": night.id,
        "causes": causes(files, {"causes": decisions}, seen),
        "files": files,
        "new_events": seen["new_events"],
        "generation": seen["serving"],
        "previous": seen["serving"],
        "trial": trial and trial.name,
        "continued": journal.continued,
    }
    if trial is not None:
        return _finish(context, "on-trial", summary, began)
    if not seen["new"]:
        summary["causes"].append("Nothing has arrived since the last night.")
        return _finish(context, "nothing-new", summary, began)
    outcome = _train_and_judge(context, journal, summary)
    return _finish(context, outcome, summary, began)


def _train_and_judge(
    context: NightContext, journal: _Journal, summary: dict[str, Any]
) -> NightOutcome:
    """Do the steps that need new data; what they came to is added to ``summary``."""
    journal.step("refresh", night_steps.refresh)
    trained = {
        model: journal.step(f"train {model}", partial(night_steps.train_one, model=model))
        for model in context.request.models
    }
    ranked = {
        model: journal.step(
            f"rank {model}", partial(night_steps.rank_one, model=model, run=done["run"])
        )
        for model, done in trained.items()
        if context.request.ranker
    }
    gated = journal.step("gate", partial(night_verdict.judge, trained=trained))
    published = journal.step("publish", partial(night_verdict.publish_one, gated=gated))
    flipped = journal.step("promote", partial(begin_trial, gated=gated, published=published))
    summary["removed"] = journal.step("tidy", night_verdict.tidy)["removed"]
    # A night that an older version began recorded no protocol.
    summary |= {name: gated[name] for name in ("window", "measured", "judged_by", "digests")}
    summary["protocol"] = gated.get("protocol", {})
    summary["rules"] = gated["rules"] | published["rules"]
    summary["causes"] += causes([], *ranked.values(), gated, published, flipped)
    if trial := flipped.get("trial"):
        summary["trial"] = trial
        return "on-trial"
    if flipped["generation"] is None:
        return "kept"
    summary["generation"] = flipped["generation"]
    return "plain-promoted" if gated["serve"] == "plain" else "promoted"


def _finish(
    context: NightContext, outcome: NightOutcome, values: dict[str, Any], began: float
) -> NightSummary:
    """Return the summary, written under ``ENGINE_HOME/retrain`` too."""
    summary = NightSummary(outcome=outcome, seconds=round(time.monotonic() - began, 1), **values)
    folder = context.settings.home / "retrain"
    text = json.dumps(summary.as_dict(), indent=2, ensure_ascii=False, default=str)
    private_files.write_text(folder / f"{summary.night:06d}.json", text + "\n")
    return summary
