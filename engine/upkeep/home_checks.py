"""Checks of ENGINE_HOME: who can read it, whether it can be written, how much room is left."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from engine.upkeep.findings import Finding, fault, ok, warning

_OTHERS = 0o077
_SECRETS = ("password", "registry.sqlite", "registry.sqlite-wal")
LEAST_BYTES = 512 << 20
FEW_BYTES = 2 << 30


def home(folder: Path) -> Iterator[Finding]:
    """Look whether the home is there and can be written."""
    if not folder.is_dir():
        yield warning("home", str(folder), "it is not there yet", "engine demo")
    elif not os.access(folder, os.W_OK | os.X_OK):
        remedy = f"chmod u+rwx {folder}, or choose another: engine --home FOLDER"
        yield fault("home", str(folder), "it cannot be written: nothing can be loaded", remedy)
    else:
        yield ok("home", str(folder), "it can be written")


def permissions(folder: Path) -> Iterator[Finding]:
    """Look for files that others than their owner can read or write, and files we cannot read."""
    if not folder.is_dir():
        return
    shown, closed = [], []
    for path in _files(folder):
        try:
            mode = path.stat().st_mode & 0o777
        except OSError:
            continue  # a running command removed it
        if mode & _OTHERS:
            shown.append((path, mode))
        if not os.access(path, os.R_OK):
            closed.append((path, mode))
    if closed:
        path, mode = closed[0]
        value = f"{len(closed)} files cannot be read, such as {path.name} of mode {mode:o}"
        yield fault("permissions", str(path), value, f"chmod -R u+rwX {folder}")
    secret = [one for one in shown if one[0].name in _SECRETS]
    if shown:
        path, mode = (secret or shown)[0]
        value = f"{len(shown)} files are open to others, such as {path.name} of mode {mode:o}"
        found = fault if secret else warning
        yield found("permissions", str(path), value, f"chmod -R go-rwx {folder}")
    if not (shown or closed):
        yield ok("permissions", str(folder), "its files are for their owner only")


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a home but those of the graph, which are the server's."""
    for place, folders, names in os.walk(folder):
        if Path(place) == folder / "neo4j":
            folders[:] = [name for name in folders if name in ("conf", "logs")]
        yield from (Path(place, name) for name in names if not Path(place, name).is_symlink())


def disk(folder: Path, least: int = LEAST_BYTES, few: int = FEW_BYTES) -> Iterator[Finding]:
    """Look how much room the disk of the home has.

    Args:
        folder: ENGINE_HOME.
        least: With fewer free bytes the next load or training is likely to fail.
        few: With fewer it is time to make room.
    """
    there = next(one for one in (folder, *folder.parents) if one.exists())
    free = shutil.disk_usage(there).free
    value = f"{free / (1 << 30):.1f} GiB are free"
    if free < least:
        yield fault("disk", str(folder), value, "engine tidy, or make room")
    elif free < few:
        yield warning("disk", str(folder), value, "engine tidy, or make room")
    else:
        yield ok("disk", str(folder), value)
