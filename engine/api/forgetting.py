"""Forget users and items, and hand out what is held about a person."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.api.engine_session import EngineSession

if TYPE_CHECKING:
    from engine.data.tombstone import ForgettableKind
    from engine.usecases.forgetting import ForgetCertificate, PersonArchive


class Forgetting(EngineSession):
    """The part of ``Engine`` that removes for good; a later load does not bring it back."""

    def forget(
        self,
        kind: "ForgettableKind",
        ids: str | Sequence[str] = (),
        *,
        file: str | Path | None = None,
        waiting: str | Path | None = None,
        partly: bool = False,
    ) -> "ForgetCertificate":
        """Remove users or items from everything that is kept, and return what was removed where.

        A call that was cut off is carried on by the same call; made again it changes nothing.

        >>> e.forget("user", "u00").forgotten
        1
        >>> e.ingest(events_df)[0].forgotten > 0
        True
        >>> e.lift("user", "u00")
        1

        Args:
            kind: ``user`` or ``item``.
            ids: One, or several.
            file: A text with one id a line, beside ``ids``.
            waiting: A folder of files that wait to be loaded: those that name them are told.
            partly: Pass over ids that are nowhere; otherwise one is an error.

        Raises:
            NotFound: There is nothing of an id anywhere.
            Busy: A night or a publish is at work.
            UsageError: No id is given, or one cannot be one.
        """
        from engine.usecases.forgetting import ForgetRequest, forget, ids_of_file

        given = (ids,) if isinstance(ids, str) else tuple(ids)
        more = () if file is None else ids_of_file(Path(file))
        request = ForgetRequest(
            kind, (*given, *more), None if waiting is None else Path(waiting), partly
        )
        self._hold_graph()
        with self._reporting() as progress:
            return forget(self.settings, request, progress.update)

    def lift(self, kind: "ForgettableKind", ids: str | Sequence[str]) -> int:
        """Let forgotten users or items come back with the next load; return how many may.

        What was removed stays removed: load the files that hold it again.
        """
        from engine.usecases.forgetting import lift

        return lift(self.settings, kind, (ids,) if isinstance(ids, str) else tuple(ids))

    def drop_unknown_tombstones(self) -> int:
        """Give up those who were forgotten by a key that is lost, and return how many they were.

        Nobody can tell who they are, so the next load may bring them back.
        """
        from engine.usecases.forgetting import drop_unknown

        return drop_unknown(self.settings)

    def export_person(self, user: str, out: str | Path) -> "PersonArchive":
        """Write all that is held about a user as one archive of JSON lines.

        Args:
            user: Whom it is about.
            out: The archive, a ZIP; readable by its owner alone.

        Raises:
            NotFound: Nothing is held.
        """
        from engine.usecases.forgetting import export_person

        self._hold_graph()
        return export_person(self.settings, user, Path(out))
