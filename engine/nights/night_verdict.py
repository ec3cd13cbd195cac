"""The steps of a night from the gate on: judge, publish, promote, tidy.

Each takes the night's context and returns plain values, which are recorded.
"""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine.errors import DataError, NotFound, PublishRefused
from engine.evaluation import gate, hold_out_window, promotion_decision
from engine.evaluation.gate import GateEvidence, GateRule
from engine.evaluation.hold_out_window import WindowQuality
from engine.evaluation.promotion_decision import JudgedMethods
from engine.experiments.training_request import TrainingRequest
from engine.graph import stored_generations
from engine.graph.stored_generations import StoredGeneration
from engine.nights.night_steps import NightContext, build_graphs
from engine.nights.serving_run import ServingMethod
from engine.publishing import generations
from engine.publishing.plain_generation import publish_plain
from engine.publishing.publish import publish
from engine.store.registry_records import Run
from engine.training import seed

_DAY_MS = 86_400_000.0
RunsByModel = dict[str, dict[str, Any]]
"""Candidate to what its training came to."""


def judge(context: NightContext, trained: RunsByModel) -> dict[str, Any]:
    """Judge everything on one window, check every rule, and say what serves next."""
    try:
        contenders, limits = context.contenders, context.request.limits
    except DataError as error:
        return _nothing_judged(
            f"Too little to judge on: {error.message}.", context.request.protocol
        )
    runs, late = comparable_runs(context, trained)
    plain = contenders.plain()
    candidates = {model: contenders.candidate(run) for model, run in runs.items()}
    now, age = _in_service(context)
    judged = None if now is None or now.judged is None else (now.name, now.judged)
    rivals = plain | dict([judged] if judged else [])
    longer = hold_out_window.can_be_longer(contenders.cut.protocol, context.request.window_days)
    rules: dict[str, list[GateRule]] = {}
    for model, run in runs.items():
        shapes = contenders.shapes(run)
        evidence = GateEvidence(
            candidates[model], rivals, judged and judged[0], shapes, age, longer
        )
        rules[model] = gate.judge(evidence, limits, _draw(context), len(runs))
    passed = frozenset(model for model, checked in rules.items() if gate.passed(checked))
    unjudged = now is not None and judged is None
    contest = JudgedMethods(candidates, passed, plain, judged, unjudged)
    found = promotion_decision.decide(contest, limits, _draw(context))
    return {
        "serve": found.serve,
        "name": found.name,
        "run": runs[found.name].id if found.serve == "candidate" else None,
        "causes": [
            *window_notes(context),
            *serving_notes(now, context.contenders.cut.protocol.name),
            *late,
            *complaints(trained, rules),
            found.message,
        ],
        "window": described_window(context),
        "protocol": dict(contenders.cut.protocol.settings()),
        "measured": {name: figures(one) for name, one in (candidates | rivals).items()},
        "rules": {model: [rule.as_dict() for rule in checked] for model, checked in rules.items()},
        "digests": {model: run.embeddings_digest for model, run in runs.items()},
        "judged_by": None if now is None else f"{now.name}: {now.how}",
    }


def publish_one(context: NightContext, gated: dict[str, Any]) -> dict[str, Any]:
    """Write what is to serve into the graph, and check what can only be checked there."""
    nothing: dict[str, Any] = {"generation": None, "rules": {}, "causes": []}
    if gated["serve"] == "keep":
        return nothing
    if gated["serve"] == "plain":
        with context.alone_publishing():
            kinds = context.settings.event_weights
            number = publish_plain(context.graph, context.registry, gated["name"], kinds)
        return nothing | {"generation": number}
    limits = context.request.limits
    try:
        with context.alone_publishing():
            done = publish(
                context.graph,
                context.registry,
                context.settings,
                run_id=gated["run"],
                promote=False,
                report=context.report,
            )
    except PublishRefused as error:
        return nothing | {"causes": [f"{gated['name']}: {error.message}"]}
    rules = [gate.index_rule(done.overlap, limits), gate.written_rule(done.not_in_graph)]
    messages = [f"{gated['name']}: {rule.message}" for rule in rules if rule.message]
    checked = {"rules": {"published": [rule.as_dict() for rule in rules]}, "causes": messages}
    if gate.passed(rules):
        return checked | {"generation": done.generation}
    with context.alone_publishing():
        stored_generations.remove(context.graph, done.generation)
        context.registry.mark_generation(done.generation, "refused", " ".join(messages))
    return checked | {"generation": None}


def promote(
    context: NightContext, gated: dict[str, Any], published: dict[str, Any]
) -> dict[str, Any]:
    """Put what was published into service."""
    number = published["generation"]
    if number is None:
        return {"generation": None, "causes": []}
    reason = generations.reason("retrain", f"night {context.night}: {gated['causes'][-1]}")
    try:
        generations.move_pointer(context.graph, context.registry, number, reason)
    except (NotFound, PublishRefused) as error:  # somebody removed it while the night stood still
        return {"generation": None, "causes": [error.message]}
    return {"generation": number, "causes": []}


def tidy(context: NightContext) -> dict[str, Any]:
    """Remove generations and checkpoints that are kept no longer; refresh what is similar."""
    with context.alone_publishing():
        removed = generations.remove_old(
            context.graph, context.registry, context.settings.keep_generations, context.report
        )
    _remove_checkpoints(context)
    return {"removed": list(removed), "graphs": build_graphs(context, ("similarity",))}


def _remove_checkpoints(context: NightContext) -> None:
    """Remove those of earlier nights that no generation in the graph was made of."""
    kept = {one.settings.get("run") for one in stored_generations.generations(context.graph)}
    for night in context.registry.nights.nights():
        if night.id == context.night:
            continue
        for step in night.steps:
            run = step.result.get("run")
            if step.name.startswith("train ") and run is not None and run not in kept:
                folder = context.settings.home / "checkpoints" / str(run)
                shutil.rmtree(folder, ignore_errors=True)


def serving_now(context: NightContext) -> StoredGeneration | None:
    """Return the generation in service."""
    known = stored_generations.generations(context.graph)
    return next((one for one in known if one.serving), None)


def _in_service(context: NightContext) -> tuple[ServingMethod | None, float | None]:
    """Return the generation in service as judged tonight, and its age in days where it ages."""
    one = serving_now(context)
    if one is None:
        return None, 0.0
    judged = context.contenders.in_service(
        lambda asked: context.data(asked).material, context.registry, one
    )
    if one.settings.get("plain"):
        return judged, None
    newest, then = int(context.events.at.max(initial=0)), one.settings.get("newest_at")
    return judged, 0.0 if not then else (newest - then) / _DAY_MS


def complaints(trained: RunsByModel, rules: Mapping[str, list[GateRule]]) -> list[str]:
    """Return a sentence for every candidate that was not trained and every rule that failed."""
    failed = [f"{model}: {done['failed']}" for model, done in trained.items() if "failed" in done]
    return failed + [
        f"{model}: {rule.message}" for model, own in rules.items() for rule in own if rule.message
    ]


def _nothing_judged(cause: str, protocol: str) -> dict[str, Any]:
    return {
        "serve": "keep",
        "name": None,
        "run": None,
        "causes": [cause],
        "window": {},
        "protocol": {"protocol": protocol},
        "measured": {},
        "rules": {},
        "digests": {},
        "judged_by": None,
    }


def comparable_runs(
    context: NightContext, trained: RunsByModel
) -> tuple[dict[str, Run], list[str]]:
    """Return the runs to judge, and a sentence about each of the others.

    Figures of two protocols are not compared: a run must have held out what is asked tonight. Where
    that is no window in time, other events have others to hold out: it must have seen just those of
    tonight.
    """
    runs = {
        model: context.registry.run(done["run"])
        for model, done in trained.items()
        if done["run"] is not None
    }
    tonight = context.contenders.cut.protocol
    messages = {
        model: f"{model}: it was trained for another protocol, {_said(asked.settings())}, than the "
        f"gate judges by, {_said(tonight.settings())}, and figures of two are not compared"
        for model, run in runs.items()
        if (asked := TrainingRequest.of_run(run).judged_by) != tonight
    }
    if context.contenders.cut.kind != "time":
        messages = {
            model: f"{model}: events arrived while it was trained, and what is held out without a "
            "cut in time must be of the same events; it is judged the next night"
            for model, run in runs.items()
            if run.data_watermark != context.events_watermark
        } | messages
    return {model: run for model, run in runs.items() if model not in messages}, [
        *messages.values()
    ]


def _said(settings: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in settings.items())


def serving_notes(now: ServingMethod | None, protocol: str) -> list[str]:
    """Return why what serves cannot be judged, or that it was trained for another protocol."""
    if now is None:
        return []
    if now.judged is None:
        return [f"{now.name} cannot be judged: {now.how}."]
    if now.trained_for is None:
        return []
    return [
        f"{now.name} was trained for --protocol {now.trained_for}, which chose how it is served; "
        f"its figure is by {protocol}, as all others are."
    ]


def window_notes(context: NightContext) -> list[str]:
    """Return what is to be known of events without a time, and of a window that is shorter."""
    events = context.events
    days, asked = context.request.window_days, context.request.protocol
    notes = (
        hold_out_window.untimed_note(int((events.at <= 0).sum()), len(events), asked),
        hold_out_window.protocol_note(hold_out_window.protocol_of(events, days, asked), days),
    )
    return [note for note in notes if note is not None]


def _draw(context: NightContext) -> gate.GeneratorFactory:
    return lambda: seed.generator(context.request.seed, "bootstrap")


def described_window(context: NightContext) -> dict[str, Any]:
    """Return how tonight's window was cut off, its days, and how much is in it."""
    window = context.contenders.window
    kind = context.contenders.cut.kind
    begins = datetime.fromtimestamp(window.begins / 1_000, tz=UTC).isoformat()
    return {
        "split": kind,
        "protocol": context.contenders.cut.protocol.name,
        "begins": begins if kind == "time" else None,
        "days": round(context.contenders.days, 2),
        "events": len(window.parts.later),
        "users": len(window.users),
    }


def figures(one: WindowQuality) -> dict[str, float]:
    """Return what is recorded of a method on the window."""
    return {"ndcg@20": round(one.mean, 6), "coverage": round(one.coverage, 6)}
