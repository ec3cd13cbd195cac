"""Train a model on what was pulled: experiment, checkpoint, entry in the registry."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from engine.config import Settings
from engine.connections.forgotten import ForgottenIds
from engine.data import checkpoint_files, splits
from engine.data.checkpoint_files import twin_of
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.errors import CheckpointInvalid, UsageError
from engine.experiments import experiment
from engine.experiments.experiment import ExperimentResult
from engine.experiments.fitting import FitObserver, TrainingStopped
from engine.experiments.pulled_data import PulledData
from engine.experiments.run_removal import RunRemoval
from engine.experiments.training_request import TrainingRequest
from engine.interrupt import interruptible
from engine.models.tensors import array
from engine.store.registry import Registry
from engine.training import checkpoint, device, training_state, warm_start
from engine.training.checkpoint import TrainedModel
from engine.training.device import DeviceName
from engine.training.processes.training_processes import processes_for
from engine.training.warm_start import FirstVectorsByStage
from engine.version import __version__


class TrainingInterrupted(KeyboardInterrupt):
    """The user stopped a training.

    Attributes:
        saved: Whether there is a state that the same training can go on from.
    """

    def __init__(self, *, saved: bool) -> None:
        super().__init__()
        self.saved = saved


@dataclass(frozen=True)
class TrainReport:
    """A finished run: its id, its checkpoint, everything found, and what to know beside it.

    Attributes:
        pulled: What it was trained on, where somebody asked to have it afterwards.
    """

    run_id: int
    checkpoint: Path
    seconds: float
    data_watermark: int | None
    result: ExperimentResult
    remarks: tuple[str, ...] = ()
    pulled: PulledData | None = None


def train(
    registry: Registry,
    settings: Settings,
    request: TrainingRequest,
    pulled: PulledData,
    observer: FitObserver,
    *,
    resume: bool | None = False,
    warm_from: Path | None = None,
    processes: int = 1,
) -> TrainReport:
    """Train and judge, and keep the result for ``publish``.

    Ctrl-C is taken between two steps, where the state is saved; within two seconds in any case.

    Args:
        registry: Where the run is recorded.
        settings: Which home keeps the checkpoints, and which device trains.
        request: What to train and how to judge it.
        pulled: What to train on.
        observer: Follows the progress.
        resume: True continues an interrupted run, False starts again, None does what it can.
        warm_from: Checkpoint of the run whose vectors the stages start from, where they can.
        processes: How many train it; see ``check_processes``.

    Raises:
        DataError: There are too few events to split.
        UsageError: ``resume`` was asked for and there is nothing to resume.
        TrainingInterrupted: The user stopped it; ``resume=True`` continues what was saved.
    """
    material, watermark = pulled.material, pulled.watermark
    asked, events = request.split, material.events
    request = replace(request, split=splits.usable(asked, events))
    # A state that started elsewhere is another run's.
    name = request.fingerprint(material) + (f"-{warm_from.parent.name}" if warm_from else "")
    folder = settings.home / checkpoint_files.FOLDER / checkpoint_files.UNFINISHED / name
    _prepare(folder, resume=resume)
    run_id = registry.start_run(
        request.model, request.effective(), watermark, request.seed, code_version()
    )
    began = time.monotonic()
    watch = replace(observer, warm=_starts(warm_from))
    place = folder, watch, processes
    result = _carry_out(registry, run_id, material, request, place, settings.device)
    seconds = time.monotonic() - began
    path = settings.home / checkpoint_files.FOLDER / str(run_id) / checkpoint_files.MODEL
    final = trained(result, material, request, watermark)
    warm_start.save(path.with_name(warm_start.FILE), result.starts)
    checkpoint.save(twin_of(path), judged_model(final, result))
    checkpoint.save(path, final)
    registry.finish_run(run_id, "finished", result.metrics(), seconds, str(path), final.digest())
    _leave_out_forgotten(registry, settings.home, path.parent)
    shutil.rmtree(folder, ignore_errors=True)
    remarks = tuple(replace(request, split=asked).remarks(material))
    return TrainReport(run_id, path, seconds, watermark, result, remarks)


def _leave_out_forgotten(registry: Registry, home: Path, folder: Path) -> None:
    """Take out who was forgotten while the training had them in memory.

    Asked after the files are there: whoever is forgotten later finds them.
    """
    if forgotten := ForgottenIds(registry, home):
        for _ in RunRemoval(registry, home, forgotten.among).of(folder):
            pass


def trained(
    result: ExperimentResult,
    material: TrainingData,
    request: TrainingRequest,
    watermark: int | None,
) -> TrainedModel:
    """Return what is published of a result."""
    entities, knowledge = result.embeddings.entities, material.knowledge
    return TrainedModel(
        user_vectors=result.embeddings.users,
        item_vectors=result.embeddings.items,
        users=material.events.users,
        items=material.events.items,
        scoring=result.encoder.config.scoring,
        popularity_weight=result.blend.popularity_weight,
        again_weight=result.blend.again_weight,
        half_life_days=result.blend.half_life_days,
        drift_weight=result.blend.drift_weight,
        edges=result.embeddings.edges,
        popular_half_life_days=result.blend.popular_half_life_days,
        model=request.model,
        settings=request.effective()
        | dict(result.chosen)
        | {"trend": result.trend.weight, "trend_half_life_days": result.trend.half_life_days},
        metrics=result.metrics(),
        data_watermark=watermark,
        seed=request.seed,
        weights={name: array(one) for name, one in result.encoder.state().items()},
        entity_vectors=entities,
        entities=knowledge.entities if knowledge and entities is not None else Vocabulary([]),
        encoders=_encoders(material, request),
    )


def judged_model(final: TrainedModel, result: ExperimentResult) -> TrainedModel:
    """Return the model that was judged in the place of the final one; see ``twin_of``."""
    tested = result.tested
    return replace(
        final,
        user_vectors=tested.embeddings.users,
        item_vectors=tested.embeddings.items,
        edges=tested.embeddings.edges,
        settings=final.settings | {"until": tested.until, "days": tested.days},
        weights=dict(tested.weights),
        encoders={},
    )


def _encoders(material: TrainingData, request: TrainingRequest) -> dict[str, dict[str, Any]]:
    """Return the state of what made the features, where the model learned from them."""
    if material.features is None or "features" not in request.wants():
        return {}
    return {side: one.state() for side, one in material.features.encoders.items()}


def code_version() -> str:
    """Return the package's version and a hash of its source, which no tag can outrun."""
    digest = blake2b(digest_size=4)
    root = Path(__file__).parents[1]
    for file in sorted(root.rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(file.read_bytes())
    return f"{__version__}+{digest.hexdigest()}"


def _starts(path: Path | None) -> FirstVectorsByStage:
    """Return what an earlier run left to start from; nothing where it left none."""
    if path is None:
        return {}
    try:
        return warm_start.load(path.with_name(warm_start.FILE), path.parent.name)
    except CheckpointInvalid:
        return {}


def _prepare(folder: Path, *, resume: bool | None) -> None:
    if resume and not _has_state(folder):
        raise UsageError(
            "no interrupted training has these settings and this data",
            hint="leave out --resume, or give the settings of the interrupted run",
        )
    if resume is False:
        shutil.rmtree(folder, ignore_errors=True)


def _has_state(folder: Path) -> bool:
    return any(True for kept in training_state.KEPT for _ in folder.rglob(kept))


def _carry_out(
    registry: Registry,
    run_id: int,
    material: TrainingData,
    request: TrainingRequest,
    place: tuple[Path, FitObserver, int],
    on: DeviceName,
) -> ExperimentResult:
    folder, watch, count = place
    began = time.monotonic()

    def work(should_stop: Callable[[], bool]) -> ExperimentResult:
        with device.default_device(on), processes_for(count) as lent:
            following = replace(watch, should_stop=should_stop, processes=lent)
            return experiment.run(material, request, folder, following)

    try:
        return interruptible(work)
    except (TrainingStopped, KeyboardInterrupt):
        registry.finish_run(run_id, "interrupted", {}, time.monotonic() - began, None)
        raise TrainingInterrupted(saved=_has_state(folder)) from None
    except BaseException:
        registry.finish_run(run_id, "failed", {}, time.monotonic() - began, None)
        raise
