"""Why a waiting file is held back, and where that is written."""

import logging
import traceback
from pathlib import Path

import polars as pl

from engine import private_files
from engine.config import Settings
from engine.data.reading.file_tally import FileFault
from engine.errors import DataError, EngineError, NothingAccepted, QueryFailed

REASON = ".reason.txt"
"""Ending of the name of the file beside a held one."""
UNEXPECTED = "unexpected-error"
# A panic of polars is no Exception to Python.
ANY_ERROR = (Exception, pl.exceptions.PanicException)
_LOG = logging.getLogger(__name__)


def fault_of(error: BaseException) -> FileFault:
    """Return why a file is held back.

    Raises:
        EngineError: The file is not to blame: a database is away, the disk is full.
    """
    if isinstance(error, NothingAccepted):
        return FileFault("nothing-accepted", error.message)
    if isinstance(error, DataError):
        return FileFault(getattr(error, "code", "bad-rows"), error.message)
    if isinstance(error, EngineError) and not isinstance(error, QueryFailed):
        raise error
    message = str(error).partition("\n")[0] or "no message"
    _LOG.debug("a file could not be loaded", exc_info=error)
    return FileFault(
        UNEXPECTED,
        f"a defect of the engine, {type(error).__name__}: {message}; rows that were written "
        "before it are recognised when the file is loaded again",
    )


def keep_traceback(settings: Settings, path: Path, error: BaseException) -> Path:
    """Log a defect and keep where it happened, for whoever mends it."""
    folder = settings.home / "retrain"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = folder / f"{path.name}.traceback.txt"
    text = "".join(traceback.format_exception(error))
    place.write_text(text, encoding="utf-8", errors="backslashreplace")
    _LOG.error("%s was held back by a defect of the engine; see %s", path.name, place)
    return place


def write_reason(path: Path, fault: FileFault) -> None:
    """Write why a file is held back beside it; a link of that name is replaced, not followed."""
    text = (
        f"{fault.code}: {fault.message}\n"
        "It stays here until it is corrected, and is tried again every night.\n"
    )
    reason = path.with_name(path.name + REASON)
    with private_files.replacing(reason, private=False) as file:
        file.write(text.encode(errors="backslashreplace"))
