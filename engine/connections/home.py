"""ENGINE_HOME: make it, lock a part of it, and say in one line why it cannot be used."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from uuid import uuid4

import filelock

from engine import private_files
from engine.config import Settings
from engine.errors import Busy, ConfigError

_POLL_SECONDS = 0.05


def make_home(settings: Settings) -> Path:
    """Create ENGINE_HOME unless it is there, for its owner only, and return it.

    Raises:
        ConfigError: It cannot be created.
    """
    with home_errors(settings.home):
        return private_files.make_folder(settings.home)


def name_of_home(settings: Settings) -> str:
    """Return a word that no other registry has; nothing where ENGINE_HOME is not there yet.

    A registry numbers its loads, and several may load into one graph. Homes that share a registry
    by its address share the word; a copied home has that of its original.
    """
    if settings.registry_url is not None:
        place = settings.registry_url.partition("://")[2].rpartition("@")[2].partition("?")[0]
        return blake2b(place.encode(), digest_size=8).hexdigest()
    file = settings.home / "home-id"
    with suppress(OSError):  # who may only read loads nothing
        if settings.home.is_dir() and not file.exists():
            beside = file.with_name(f".{file.name}.{uuid4().hex}")
            private_files.write_text(beside, uuid4().hex[:16])
            with suppress(FileExistsError):  # another process was quicker
                os.link(beside, file)
            beside.unlink()
        return file.read_text(encoding="ascii").strip()
    return ""


@contextmanager
def home_errors(home: Path) -> Iterator[None]:
    """Map what the disk says about a file of ENGINE_HOME onto one sentence.

    Raises:
        ConfigError: A file or a folder in it cannot be written or read.
    """
    try:
        yield
    except filelock.Timeout:  # an OSError too, and says that somebody else has the lock
        raise
    except OSError as error:
        raise ConfigError(
            f"{error.filename or home} cannot be used: {error.strerror or error}",
            hint="free space or correct its permissions, or choose another: engine --home FOLDER",
        ) from error


@contextmanager
def home_lock(
    settings: Settings,
    name: str,
    busy: Busy,
    *,
    wait_seconds: float = 0.0,
    poll_seconds: float = _POLL_SECONDS,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[None]:
    """Hold the lock ``name`` of ENGINE_HOME: one process has it at a time.

    Args:
        settings: Which home.
        name: Of the file.
        busy: What is raised when another process has it for longer than ``wait_seconds``.
        wait_seconds: How long to wait.
        poll_seconds: How often to look meanwhile.
        should_stop: Asked at each look.

    Raises:
        Busy: Another process has it, or ``should_stop`` returned True.
        ConfigError: ENGINE_HOME cannot be written.
    """
    with folder_lock(
        make_home(settings),
        name,
        busy,
        wait_seconds=wait_seconds,
        poll_seconds=poll_seconds,
        should_stop=should_stop,
    ):
        yield


@contextmanager
def folder_lock(
    folder: Path,
    name: str,
    busy: Busy,
    *,
    wait_seconds: float = 0.0,
    poll_seconds: float = _POLL_SECONDS,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[None]:
    """Hold the lock ``name`` of a folder that is there, as ``home_lock`` does.

    Raises:
        Busy: Another process has it, or ``should_stop`` returned True.
        ConfigError: The folder cannot be written.
    """
    lock = filelock.FileLock(
        folder / name,
        timeout=wait_seconds,
        mode=private_files.FILE_MODE,
        poll_interval=poll_seconds,
    )
    try:
        with home_errors(folder):
            lock.acquire(cancel_check=should_stop)
    except filelock.Timeout as error:
        raise busy from error
    try:
        yield
    finally:
        lock.release()


def is_locked(home: Path, name: str) -> bool:
    """Tell whether a process holds the lock ``name`` of a home; creates and changes nothing.

    A file that cannot be read counts as free.
    """
    try:
        with (home / name).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
