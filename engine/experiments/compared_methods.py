"""Contestants: each method trained once, its lists kept, and found again by what made them.

A finished method is one file under ``ENGINE_HOME/compare``, named by a fingerprint of source, data,
split, seed and settings, and moved there whole. An interrupted training leaves its state, from
which the same command goes on.
"""

import gc
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from engine import private_files
from engine.data import splits
from engine.data.arrays import Int64Array
from engine.data.model_options import configure
from engine.data.training_data import TrainingData
from engine.evaluation import ranking
from engine.evaluation.comparison import BLEND
from engine.evaluation.evaluation_setup import EvaluationSetup
from engine.evaluation.plain_settings import settings_of
from engine.evaluation.protocols import EvaluationProtocol, EvaluationTask
from engine.evaluation.ranking import UserScorer
from engine.evaluation.standings import MethodKind, MethodLists
from engine.experiments import blend_without_vectors, experiment
from engine.experiments.fitting import FitObserver, TrainingStopped
from engine.experiments.resource_meter import ResourceMeter
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS, PLAIN, plain
from engine.training import seed
from engine.training.training_config import TrainingConfig

_SPENT = "spent.json"


@dataclass(frozen=True)
class ComparedMethod:
    """A method that is to be compared.

    Attributes:
        settings: Texts of its settings that are not the defaults.
        blended: Whether a method that makes no steps is judged as it is served too: by its blend,
            as a trained model always is.
    """

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    split: splits.SplitKind = "time"
    fraction: float = 0.2
    seed: int = 0
    relevant_from: float | None = None
    protocol: EvaluationProtocol | None = None
    blended: bool = False

    def effective(self) -> dict[str, Any]:
        """Return every setting with its value, defaults included.

        Raises:
            UnknownModel: There is no such method.
            UsageError: A setting is unknown or its value is not allowed.
        """
        if self.name in MODELS:
            return self.request().effective()
        return {
            name: value
            for kind in kinds_of_settings(self.name)
            for name, value in asdict(configure(kind, self.settings)).items()
        }

    def request(self) -> TrainingRequest:
        """Return the training of a model that is served, or the split of another method."""
        return TrainingRequest(
            self.name,
            self.settings,
            self.split,
            self.fraction,
            self.seed,
            refit=False,
            relevant_from=self.relevant_from,
            protocol=self.protocol,
        )


@dataclass(frozen=True, eq=False)
class FinishedMethod:
    """A method that is ready to be judged.

    Attributes:
        contestants: The method; a model that is served as it is and by its blend.
        costs: ``seconds`` of fitting, ``ranking_seconds`` of listing, ``peak_mib`` of the process
            meanwhile, and ``epochs`` of a trained model.
        found: Whether it had been finished before.
    """

    contestants: list[MethodLists]
    costs: dict[str, float]
    found: bool


@dataclass(frozen=True, eq=False)
class ComparisonSetting:
    """Where all of them meet.

    Attributes:
        material: What they may learn from; the tasks of the setup are made of its events.
        content: Digest of the material.
        source: Digest of the engine's source: other code may give other lists.
        home: Folder of what is kept.
    """

    material: TrainingData
    content: bytes
    source: str
    setup: EvaluationSetup
    home: Path


def kinds_of_settings(name: str) -> tuple[type[Any], ...]:
    """Return the configs of a method, those of training included; no-vectors has none.

    Raises:
        UnknownModel: There is no such method.
    """
    if name in MODELS:
        return MODELS[name].config, TrainingConfig
    return () if name == blend_without_vectors.NAME else (plain(name).config,)


def finish(entrant: ComparedMethod, ring: ComparisonSetting, watch: FitObserver) -> FinishedMethod:
    """Return the method's lists, made now unless they were made before.

    Raises:
        Stopped: ``watch`` asked for it; calling again goes on from there.
    """
    place = ring.home / f"{_fingerprint(entrant, ring)}.npz"
    kept = _read(place)
    if kept is not None:
        return kept
    unfinished = ring.home / "unfinished" / place.stem
    before = _spent(unfinished)
    gc.collect()  # what the method before left behind is not this one's
    fitting, listing = ResourceMeter(), ResourceMeter()
    made: list[list[MethodLists]] = []
    epochs: list[int] = []
    try:
        for number, task in enumerate(ring.setup.tasks):
            with fitting:
                scorers, steps = _fit(entrant, ring, task, unfinished / f"task-{number}", watch)
            with listing:
                made.append([_listed(*one, ring.setup, number) for one in scorers])
            epochs += [] if steps is None else [steps]
            del scorers  # one task's models at a time
    except TrainingStopped:
        private_files.write_text(unfinished / _SPENT, json.dumps(before + fitting.seconds))
        raise
    contestants = [_joined(own) for own in zip(*made, strict=True)]
    costs = {
        "seconds": before + fitting.seconds,
        "ranking_seconds": listing.seconds,
        "peak_mib": max(fitting.peak_bytes, listing.peak_bytes) / 2**20,
    } | ({"epochs": float(np.mean(epochs))} if epochs else {})
    _keep(place, contestants, costs)
    shutil.rmtree(unfinished, ignore_errors=True)
    return FinishedMethod(contestants, costs, found=False)


def _fit(
    entrant: ComparedMethod,
    ring: ComparisonSetting,
    task: EvaluationTask,
    unfinished: Path,
    watch: FitObserver,
) -> tuple[list[tuple[str, MethodKind, UserScorer]], int | None]:
    """Return the scores of one task under their names, and how many epochs it took."""
    name, known = entrant.name, task.parts.earlier
    blend: list[tuple[str, MethodKind, UserScorer]] = []
    if name in MODELS or entrant.blended:
        made = experiment.contenders(ring.material, entrant.request(), task, unfinished, watch)
        blend = [(f"{name} blend", "blend", made.ours[BLEND])]
        # A filter stands there by all its edges; what contends has those that would be served.
        if name in MODELS or PLAIN[name].kind != "plain":
            epochs = made.found.epochs if name in MODELS else None
            return [(name, "trained", made.ours[name]), *blend], epochs
    if name == blend_without_vectors.NAME:
        return [(f"{name} blend", "plain", blend_without_vectors.scorer(task))], None
    settings = settings_of(name, known, entrant.settings)
    built = PLAIN[name].build(known, settings, seed.generator(entrant.seed, "start"))
    kind: MethodKind = "plain" if PLAIN[name].kind == "plain" else "trained"
    return [(name, kind, built.score), *blend], None


def listed(
    name: str,
    kind: MethodKind,
    build: Callable[[EvaluationTask], UserScorer],
    setup: EvaluationSetup,
) -> MethodLists:
    """Return a method with its lists for every question of every task.

    Args:
        name: Of the method.
        kind: Of the method.
        build: Makes its scores of the first part of a task.
        setup: What is asked.
    """
    return _joined(
        [_listed(name, kind, build(task), setup, n) for n, task in enumerate(setup.tasks)]
    )


def _listed(
    name: str, kind: MethodKind, score: UserScorer, setup: EvaluationSetup, task: int
) -> MethodLists:
    """Return a method with its lists of one task."""
    lists = {
        seen: [ranking.top(asked[task], score, setup.longest)]
        for seen, asked in setup.questions.items()
    }
    return MethodLists(name, kind, lists)


def _joined(tasks: Sequence[MethodLists]) -> MethodLists:
    """Return a method with the lists of all tasks."""
    one = tasks[0]
    lists = {seen: [own for task in tasks for own in task.lists[seen]] for seen in one.lists}
    return MethodLists(one.name, one.kind, lists)


def _fingerprint(entrant: ComparedMethod, ring: ComparisonSetting) -> str:
    digest = blake2b(digest_size=16)
    head = [
        ring.source,
        entrant.name,
        entrant.effective(),
        entrant.split,
        entrant.relevant_from,
        entrant.fraction,
        None if entrant.protocol is None else entrant.protocol.settings(),
        entrant.seed,
        entrant.blended,
        ring.setup.longest,
    ]
    digest.update(json.dumps(head, sort_keys=True).encode())
    digest.update(ring.content)
    return f"{entrant.name}-{digest.hexdigest()}"


def _keep(place: Path, contestants: list[MethodLists], costs: Mapping[str, float]) -> None:
    head = {
        "names": [[one.name, one.kind] for one in contestants],
        "costs": dict(costs),
        "tasks": max(len(own) for one in contestants for own in one.lists.values()),
    }
    arrays: dict[str, Int64Array] = {
        f"{number}.{'seen' if seen else 'unseen'}.{task}": lists
        for number, one in enumerate(contestants)
        for seen, own in one.lists.items()
        for task, lists in enumerate(own)
    }
    with private_files.replacing(place) as file:
        np.savez_compressed(file, head=np.array(json.dumps(head)), **arrays)  # type: ignore[arg-type]


def _read(place: Path) -> FinishedMethod | None:
    """Return what was kept; nothing where there is no file, or it is damaged."""
    try:
        with place.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            head = json.loads(str(file["head"]))
            contestants = [
                MethodLists(
                    name,
                    kind,
                    {
                        seen: [file[f"{number}.{word}.{task}"] for task in range(head["tasks"])]
                        for seen, word in ((False, "unseen"), (True, "seen"))
                        if f"{number}.{word}.0" in file
                    },
                )
                for number, (name, kind) in enumerate(head["names"])
            ]
            return FinishedMethod(contestants, head["costs"], found=True)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _spent(unfinished: Path) -> float:
    """Return the seconds that went into an unfinished training before."""
    try:
        return float(json.loads((unfinished / _SPENT).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return 0.0
