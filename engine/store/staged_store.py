"""A graph built beside the one in use, then put in its place whole.

The importer writes into ``import-<number>``; renaming that folder to ``import-done`` is the one
moment in which the new graph becomes the one that counts. Whoever holds the server's lock next
moves it into place, and can begin again where it was killed.
"""

import shutil
import uuid
from pathlib import Path

from engine import private_files

_BUILDING = "import-"
_DONE = "import-done"
_DATABASE = "neo4j"
_PARTS = (f"data/transactions/{_DATABASE}", f"data/databases/{_DATABASE}")


def begin_staging(folder: Path) -> Path:
    """Return a new folder to build a graph in, under the server's."""
    # A name of its own: an importer whose command was killed may still write into the old one.
    stage = folder / f"{_BUILDING}{uuid.uuid4().hex}"
    private_files.make_folder(stage)
    return stage


def mark_complete(stage: Path) -> None:
    """Let the graph in ``stage`` be the one that counts."""
    stage.rename(stage.with_name(_DONE))


def replace_with_complete(folder: Path) -> None:
    """Put a complete graph in its place and remove unfinished ones; the server must be stopped."""
    done = folder / _DONE
    if done.is_dir():
        for part in _PARTS:
            source, target = done / part, folder / part
            if source.is_dir():
                shutil.rmtree(target, ignore_errors=True)
                private_files.make_folder(target.parent)
                source.rename(target)
    for stage in folder.glob(f"{_BUILDING}*"):
        shutil.rmtree(stage, ignore_errors=True)


def holds_graph(folder: Path) -> bool:
    """Tell whether a server in ``folder`` has a graph, be it an empty one."""
    return (folder / _DONE).is_dir() or any((folder / part).is_dir() for part in _PARTS)
