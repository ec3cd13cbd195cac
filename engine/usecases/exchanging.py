"""Export the graph and the registry to a folder, and import such a folder."""

from dataclasses import replace

from engine.config import Settings
from engine.connections.home import home_lock
from engine.connections.session import open_graph, open_registry
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.errors import Busy
from engine.exchange import folder_export
from engine.exchange.folder_export import ExportRequest
from engine.exchange.folder_import import ImportReport, ImportRequest, import_folder
from engine.exchange.manifest import FolderFile, Manifest

__all__ = [
    "ExportRequest",
    "FolderFile",
    "ImportReport",
    "ImportRequest",
    "Manifest",
    "export_folder",
    "import_folder",
]


def export_folder(
    settings: Settings, request: ExportRequest, report: StageProgress = no_stage
) -> Manifest:
    """Write the graph and the registry to a folder; a killed call is carried on by the same call.

    Raises:
        UsageError: A section is unknown, or the folder holds something else.
        DataError: The folder cannot be written.
        Busy: Another export of this home is running, and would go on with the same files.
    """
    named = replace(request, graph=settings.neo4j_uri or str(settings.home))
    busy = Busy("another export is running", hint="wait for it to end")
    with (
        home_lock(settings, "export.lock", busy),
        open_registry(settings) as registry,
        open_graph(settings) as graph,
    ):
        return folder_export.export(graph, registry, named, report)
