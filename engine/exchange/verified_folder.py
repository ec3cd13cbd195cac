"""A folder whose every file is what the manifest says, on this machine."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from engine import private_files
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.exchange import manifest as manifests
from engine.exchange.folders import LocalFolder, RemoteFolder, digest_of, folder_errors
from engine.exchange.manifest import FolderFile

_COPY = "import"
"""Folder under ``ENGINE_HOME`` of what was fetched from an address."""


@contextmanager
def verified(
    folder: LocalFolder | RemoteFolder,
    files: tuple[FolderFile, ...],
    home: Path,
    report: StageProgress = no_stage,
) -> Iterator[LocalFolder]:
    """Lend a folder of this machine with some files of a folder, each compared with its SHA-256.

    Files of an address are fetched under ``home``, and removed at the end.

    Args:
        folder: Where they are.
        files: Which ones.
        home: ENGINE_HOME.
        report: Called with a stage, how many bytes are compared, and how many there are.

    Raises:
        FileRefused: A file is missing, or is another one.
        DataError: The folder cannot be read.
    """
    with folder_errors(folder):
        manifests.check_files(folder, files)
    if isinstance(folder, LocalFolder):
        _compare(folder, files, None, report)
        yield folder
        return
    copy = LocalFolder(home / _COPY)
    shutil.rmtree(copy.path, ignore_errors=True)  # left by a killed import
    private_files.make_folder(copy.path)
    try:
        _compare(folder, files, copy, report)
        yield copy
    finally:
        shutil.rmtree(copy.path, ignore_errors=True)


def _compare(
    folder: LocalFolder | RemoteFolder,
    files: tuple[FolderFile, ...],
    copy: LocalFolder | None,
    report: StageProgress,
) -> None:
    """Compare files with their SHA-256, and copy them on the way where that is asked for."""
    done, total = 0, sum(one.bytes for one in files)
    for one in files:
        with folder_errors(folder), ExitStack() as stack:
            file = stack.enter_context(folder.open(one.name))
            to = None if copy is None else stack.enter_context(copy.create(one.name))
            sha256 = digest_of(file, to)
        manifests.check_digest(folder, one, sha256)
        done += one.bytes
        report("comparing SHA-256", done, total)
