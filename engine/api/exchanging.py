"""Export to a folder of Parquet files, and import from one."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.api.engine_session import EngineSession

if TYPE_CHECKING:
    from engine.usecases.exchanging import ImportReport, Manifest


class Exchanging(EngineSession):
    """The part of ``Engine`` that copies a graph to files and back: backups, moves, other tools."""

    def export(self, to: str | Path, *, what: Sequence[str] = ()) -> "Manifest":
        """Write the graph and the registry to a folder; a killed call is carried on by the same.

        The database may be in use: events that are committed when the call begins are in it, and
        none that come later.

        >>> e.export(e.settings.home / "backup", what=["items"]).what
        ('items',)

        Args:
            to: A folder that is not there yet, or an address of fsspec: ``s3://BUCKET/FOLDER``.
            what: Some of events, items, users, facts, vectors, lists, shown and registry; none:
                all.

        Raises:
            UsageError: The folder holds something else.
            MissingExtra: An address needs a package that is not installed.
        """
        from engine.usecases.exchanging import ExportRequest, export_folder

        self._hold_graph()
        with self._reporting() as progress:
            return export_folder(self.settings, ExportRequest(to, tuple(what)), progress.update)

    def import_folder(
        self, source: str | Path, *, what: Sequence[str] = (), bulk: bool | None = None
    ) -> "ImportReport":
        """Add what an exported folder holds and the graph lacks; again, it adds nothing.

        >>> folder = e.settings.home / "catalogue"
        >>> _ = e.export(folder, what=["items"])
        >>> e.import_folder(folder).files[0].accepted
        0

        Args:
            source: A folder of ``export``, or an address of one.
            what: Some of the sections that it holds; none: all of them.
            bulk: Load events by Neo4j's offline importer; None: where it is quicker.

        Raises:
            FileRefused: It is no export, damaged, or of a newer format; nothing is written.
            UsageError: It holds another run or generation of a number; nothing is written.
        """
        from engine.usecases.exchanging import ImportRequest, import_folder

        request = ImportRequest(source, tuple(what), bulk)
        with self._reporting() as progress:
            return import_folder(self.settings, request, progress.update)
