"""Publish what was trained, put generations into service, go back, and retrain every night."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.api.engine_session import EngineSession
from engine.api.trained_run import TrainedRun
from engine.data.tabular import Records

if TYPE_CHECKING:
    from engine.usecases.generations import PointerMove, Promotion, Published


class Generations(EngineSession):
    """The part of ``Engine`` that decides what serves."""

    def publish(
        self,
        run: TrainedRun | int | None = None,
        *,
        checkpoint: str | Path | None = None,
        vectors: str | Path | None = None,
        promote: bool = True,
        index_attributes: tuple[str, ...] = (),
    ) -> "Published":
        """Write a trained model into the graph, check what it would serve, and serve it.

        Args:
            run: What ``train`` returned, or the number of a run; None: the newest finished one.
            checkpoint: A checkpoint file instead of a run.
            vectors: A folder of vectors that were made elsewhere, instead of a run:
                ``users/*.parquet`` and ``items/*.parquet`` with the columns ``id`` and ``vector``.
            promote: False leaves it complete and checked, for ``promote``.
            index_attributes: Attributes of items that the vector index looks at itself; none:
                those of the settings.

        Raises:
            UsageError: More than one of ``run``, ``checkpoint`` and ``vectors`` is given, or
                ``vectors`` is no folder.
            PublishRefused: The index would not serve the model's own ranking; the old one serves
                on.
            Busy: Another publish is at work on this home.
            NotFound: There is no finished run.
        """
        from engine.errors import UsageError
        from engine.usecases.generations import publish

        given = [one for one in (run, checkpoint, vectors) if one is not None]
        if len(given) > 1:
            raise UsageError(
                "a run, a checkpoint and vectors are published one at a time",
                hint="give one of --run, --checkpoint and --vectors",
            )
        if vectors is not None and not Path(vectors).is_dir():
            raise UsageError(
                f"there is no folder {vectors}",
                hint="write users/part-0.parquet and items/part-0.parquet into it",
            )
        path = checkpoint if vectors is None else vectors
        settings = self.settings
        if index_attributes:
            settings = settings.model_copy(update={"index_attributes": tuple(index_attributes)})
        self._hold_graph()
        with self._reporting() as progress:
            return publish(
                settings,
                run_id=run.id if isinstance(run, TrainedRun) else run,
                path=None if path is None else Path(path),
                promote=promote,
                report=progress.update,
            )

    def generations(self) -> Records[dict[str, Any]]:
        """Return every generation, newest first; ``serving`` is true of the one in service."""
        from engine.usecases.generations import list_generations

        self._hold_graph()
        return Records(list_generations(self.settings))

    def pointer_moves(self) -> "Records[PointerMove]":
        """Return who put which generation into service, when and why, newest first."""
        from engine.usecases.generations import list_pointer_moves

        self._hold_graph()
        return Records(list_pointer_moves(self.settings))

    def promote(self, number: int, *, why: str = "", who: str = "") -> "Promotion":
        """Put a generation into service; doing it again changes nothing.

        Args:
            number: Of the generation.
            why: For the audit.
            who: For the audit, where it is not whoever runs this process.

        Raises:
            NotFound: The graph has no such generation.
            PublishRefused: Its vectors or indexes are not whole.
        """
        from engine.usecases.generations import promote

        self._hold_graph()
        return promote(self.settings, number, why=why, who=who)

    def rollback(self, to: int | None = None, *, why: str = "", who: str = "") -> "Promotion":
        """Go back to the generation that was in service before, or to a given one.

        Raises:
            NotFound: Nothing is in service, or there is nothing to go back to.
            PublishRefused: The vectors or indexes of that generation are not whole.
        """
        from engine.usecases.generations import rollback

        self._hold_graph()
        return rollback(self.settings, to=to, why=why, who=who)
