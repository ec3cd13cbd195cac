"""Undo what was loaded by mistake."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.api.engine_session import EngineSession
from engine.api.frames import Source, files_of
from engine.data.tabular import Records
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.usecases.ingesting import ReadOptions
    from engine.usecases.undoing import RetractReport, UndoReport, WrittenLoad


class Undoing(EngineSession):
    """The part of ``Engine`` that takes loads out again; each call again changes nothing."""

    def list_loads(self, limit: int = 20) -> "Records[WrittenLoad]":
        """Return the loads that left batches in the graph, newest first."""
        from engine.usecases.undoing import list_loads

        self._hold_graph()
        return Records(list_loads(self.settings, limit))

    def undo_batches(
        self, batches: Sequence[int] = (), *, loads: Sequence[int] = ()
    ) -> "UndoReport":
        """Take out the events and facts of batches; graphs between items are built again.

        Args:
            batches: Their numbers.
            loads: Numbers of loads of this home, all batches of each.

        Raises:
            NotFound: There is no such batch or load; nothing is undone.
            Busy: A night, a load or a publish is at work.
        """
        from engine.usecases.undoing import undo

        self._hold_graph()
        with self._reporting() as progress:
            return undo(self.settings, batches, loads, progress.update)

    def retract_events(
        self, events: Source, *, reading: "ReadOptions | None" = None
    ) -> "RetractReport":
        """Take the events of a file or a frame out of the graph.

        Args:
            events: As they were loaded.
            reading: How they were read then.

        Raises:
            FileRefused: The file cannot be used.
            Busy: A night, a load or a publish is at work.
        """
        from engine.usecases.ingesting import ReadOptions
        from engine.usecases.undoing import retract

        self._hold_graph()
        with files_of({"events": events}) as files, self._reporting() as progress:
            if (file := files["events"]) is None:
                raise UsageError("no file is named", hint="engine retract events FILE")
            return retract(self.settings, file, reading or ReadOptions(), progress.update)
