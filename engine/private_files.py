"""Files and folders that only their owner may read: mode 600 and 700 from the moment they exist.

A mode that is set afterwards would leave a moment in which others can open the file, so it is given
to the call that creates it, whatever the umask.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

FILE_MODE = 0o600
FOLDER_MODE = 0o700
_OTHERS = 0o077


def make_folder(path: Path) -> Path:
    """Create a folder and its missing parents with mode 700, and return it.

    A folder that is there keeps its mode: somebody chose it.

    Raises:
        OSError: It cannot be created, or something else has its name.
    """
    missing = []
    part = path
    while not part.exists():
        missing.append(part)
        part = part.parent
    for part in reversed(missing):
        part.mkdir(mode=FOLDER_MODE, exist_ok=True)
    if not path.is_dir():
        raise NotADirectoryError(20, "Not a directory", str(path))
    return path


def opener(path: str, flags: int) -> int:
    """Create with mode 600 what ``open(..., opener=opener)`` creates."""
    return os.open(path, flags, FILE_MODE)


def create(path: Path) -> bool:
    """Create an empty file, and return whether it was created; one that is there is not opened.

    Raises:
        OSError: It cannot be created.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
    except FileExistsError:
        return False
    return True


def restrict(path: Path) -> None:
    """Take the rights of everybody but the owner from a file, by its path: it is not opened."""
    with suppress(FileNotFoundError, PermissionError):
        mode = path.stat().st_mode
        if mode & _OTHERS:
            path.chmod(mode & ~_OTHERS)


def privately_within(home: Path, path: Path) -> None:
    """Let this process make private files from now on, if what it writes is in ENGINE_HOME."""
    if path.absolute().resolve().is_relative_to(home.resolve()):
        os.umask(os.umask(_OTHERS) | _OTHERS)


@contextmanager
def replacing(path: Path, mode: str = "wb", *, private: bool = True) -> Iterator[IO[Any]]:
    """Lend a file that takes the place of ``path`` when the block ends; folders are made.

    A reader sees the old content or the new one; a block that fails leaves the old one. Of several
    that write at once the last to end counts.

    Args:
        path: The place.
        mode: As that of ``open``.
        private: False for a file of the user's, which the umask says who may read.

    Raises:
        OSError: The place cannot be written.
    """
    if private:
        make_folder(path.parent)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
    # Threads share the number of their process, and so may processes of two containers.
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.{os.getpid()}")
    encoding = None if "b" in mode else "utf-8"
    try:
        with open(beside, mode, encoding=encoding, opener=opener if private else None) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        error.filename = error.filename or os.fspath(path)  # a full disk names no file
        raise
    finally:
        beside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a file, all of it or nothing.

    Raises:
        OSError: The place cannot be written.
    """
    with replacing(path, "w") as file:
        file.write(text)
