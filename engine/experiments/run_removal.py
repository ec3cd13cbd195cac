"""Take users and items out of the files of training runs; a published run stays publishable.

The digest of a run's vectors is in the registry, and a checkpoint of another one is refused. So the
new checkpoint is first written beside the old one, then its digest is recorded, then it takes the
old one's place: cut off anywhere, the next call sees by the digest how far this one came.
"""

import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from engine.data.checkpoint_files import FIRST_VECTORS, FOLDER, MODELS, UNFINISHED, twin_of
from engine.errors import CheckpointInvalid, NotFound
from engine.store.registry import Registry
from engine.training import checkpoint, checkpoint_removal
from engine.training.checkpoint import TrainedModel
from engine.training.checkpoint_removal import Chosen


class RunRemoval:
    """The removal from all runs of a home.

    Args:
        registry: Where the runs are recorded.
        home: ENGINE_HOME.
        chosen: Whom to take out.

    Attributes:
        damaged: Files that could not be read, under ENGINE_HOME: nobody can publish them either.
    """

    def __init__(self, registry: Registry, home: Path, chosen: Chosen) -> None:
        self._registry, self._home, self._chosen = registry, home, chosen
        self.damaged: list[str] = []
        self._found: dict[str, set[str]] = {"user": set(), "item": set()}

    def found(self, kind: str) -> set[str]:
        """Return those that were in a checkpoint."""
        return self._found[kind]

    def look(self, kind: str) -> set[str]:
        """Return those of a kind that are in a checkpoint; nothing is changed."""
        folder = self._home / FOLDER
        for path in sorted(path for name in MODELS for path in folder.glob(f"*/{name}")):
            with suppress(CheckpointInvalid):
                trained = checkpoint.load(path)
                self._note("user", trained.users.ids)
                self._note("item", trained.items.ids)
        return self.found(kind)

    def of_all(self) -> Iterator[tuple[str, int]]:
        """Take them out of every run's files; yield each file that changed and its rows."""
        for folder in sorted((self._home / FOLDER).glob("*")):
            if folder.is_dir() and folder.name != UNFINISHED:
                yield from self.of(folder)

    def of(self, folder: Path) -> Iterator[tuple[str, int]]:
        """Take them out of one run's files."""
        models = [folder / name for name in MODELS]
        for path, work in (
            *((path, self._model) for path in models),
            *((twin_of(path), self._twin) for path in models),
            (folder / FIRST_VECTORS, self._start),
        ):
            try:
                rows = work(path) if path.exists() else 0
            except CheckpointInvalid:
                self.damaged.append(self._name(path))
                continue
            if rows:
                yield self._name(path), rows

    def _model(self, path: Path) -> int:
        run = self._run_of(path)
        self._finish(path, run)
        before = checkpoint.load(path)
        after, rows = checkpoint_removal.without(before, self._note)
        if not rows:
            return 0
        checkpoint_removal.stage(path, after)
        # One that is not what its training left stays refused: its digest is not made to fit.
        if run is not None and self._digest(run) == before.digest():
            self._registry.removals.replace_digest(run, after.digest())
        checkpoint_removal.staged(path).replace(path)
        return rows

    def _finish(self, path: Path, run: int | None) -> None:
        """Carry on a replacement that was cut off after its digest was recorded."""
        waiting = checkpoint_removal.staged(path)
        if not waiting.exists():
            return
        try:
            begun: TrainedModel | None = checkpoint.load(waiting)
        except CheckpointInvalid:
            begun = None
        if begun is not None and run is not None and self._digest(run) == begun.digest():
            waiting.replace(path)
        else:
            waiting.unlink()

    def _twin(self, path: Path) -> int:
        after, rows = checkpoint_removal.without(checkpoint.load(path), self._note)
        if rows:
            checkpoint.save(path, after)
        return rows

    def _start(self, path: Path) -> int:
        return checkpoint_removal.remove_from_start(path, self._note)

    def _note(self, kind: str, ids: Collection[str]) -> Collection[str]:
        chosen = self._chosen(kind, ids)  # type: ignore[arg-type]
        self._found[kind].update(chosen)
        return chosen

    def _run_of(self, path: Path) -> int | None:
        name = path.parent.name
        if not name.isdecimal():
            return None
        try:
            return self._registry.run(int(name)).id
        except NotFound:
            return None

    def _digest(self, run: int) -> str | None:
        return self._registry.run(run).embeddings_digest

    def _name(self, path: Path) -> str:
        return path.relative_to(self._home).as_posix()


def remove_unfinished(home: Path) -> Iterator[tuple[str, int]]:
    """Remove states to continue from: they hold vectors by row, of data that is no more."""
    for folder in (home / FOLDER / UNFINISHED, home / "compare" / UNFINISHED):
        count = sum(1 for path in folder.rglob("*") if path.is_file())
        if count:
            shutil.rmtree(folder, ignore_errors=True)
            yield folder.relative_to(home).as_posix(), count
