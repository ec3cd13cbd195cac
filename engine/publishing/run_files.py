"""Files of a run: which checkpoint is published, and whether they are those that it left."""

from pathlib import Path

from engine.config import Settings
from engine.data.checkpoint_files import RANKER
from engine.errors import NotFound, PublishRefused
from engine.ranking import ranker as rankers
from engine.ranking.ranker import Ranker
from engine.store.registry import Registry
from engine.store.registry_records import Run
from engine.training.checkpoint import TrainedModel


def chosen_checkpoint(
    settings: Settings, registry: Registry, run_id: int | None, path: Path | None
) -> tuple[int | None, Path]:
    """Return what to publish: a run, or None, and its checkpoint.

    Raises:
        NotFound: There is no finished run, or the run has no checkpoint.
    """
    if path is not None:
        return run_id, path
    if run_id is not None:
        runs = [registry.run(run_id)]
    else:
        runs = [run for run in registry.runs(200) if run.status == "finished"]
    for run in runs:
        if run.checkpoint:
            return run.id, settings.home / run.checkpoint
    raise NotFound("there is no finished training run to publish", hint="engine train")


def check_digest(registry: Registry, run_id: int | None, trained: TrainedModel) -> None:
    """Refuse a run's checkpoint that holds other vectors than its training left.

    Raises:
        PublishRefused: It does.
    """
    digest = None if run_id is None else registry.run(run_id).embeddings_digest
    if digest and digest != trained.digest():
        raise PublishRefused(
            f"the checkpoint of run {run_id} holds other vectors than its training left there",
            hint="train again: engine train; if it is meant: engine publish --checkpoint FILE",
        )


def ranker_of(run: Run, checkpoint: Path) -> Ranker | None:
    """Return the ranker beside a run's checkpoint; None where the run has none.

    Raises:
        CheckpointInvalid: Its file is gone, or is not the one that the run left.
    """
    if run.ranker_digest is None:
        return None
    return rankers.load(checkpoint.with_name(RANKER), run.ranker_digest)
