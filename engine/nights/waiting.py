"""The folder where files wait for the night: judge each as a whole, load it, move it to ``done``.

What waits is a file, or a folder of part files. One that is not fit stays where it is, with the
reason beside it, and nothing of it is loaded; the next night looks at it again. Whatever is wrong
with one file, the others are loaded.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from engine.config import Settings
from engine.connections.session import open_graph
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.reading.block import Block
from engine.data.reading.file_tally import FileFault, FileLimits, FileTally
from engine.data.reading.part_names import UNFINISHED
from engine.data.reading.rejection import Rejection
from engine.data.reading.table_reader import ColumnSelector
from engine.errors import DataError, FileRefused
from engine.graph.pulling import pull
from engine.loading.file_validation import FileValidation
from engine.loading.ingest import VALIDATORS, ingest_files
from engine.loading.load import FileReport, IngestRequest
from engine.nights.held_files import (
    ANY_ERROR,
    REASON,
    UNEXPECTED,
    fault_of,
    keep_traceback,
    write_reason,
)
from engine.store.graph_client import GraphClient

DONE = "done"
_KINDS = ("items", "users", "facts")
Known = tuple[Collection[str], Collection[str]]


@dataclass(frozen=True)
class FileOutcome:
    """What became of a waiting file.

    Attributes:
        held: Code of the reason why it was left where it is, or None.
        message: That reason for people.
        read: Rows of it.
        accepted: Rows that were new.
        duplicate: Rows that were there.
        quarantined: Rows set aside.
        forgotten: Rows of users and items that are forgotten.
        without_time: Events of it that have no time.
        parts: Part files of a folder; 1 of a file.
        notes: What was understood of it that it does not say, as sentences.
    """

    file: str
    kind: str
    held: str | None = None
    message: str = ""
    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    forgotten: int = 0
    without_time: int = 0
    parts: int = 1
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {"notes": list(self.notes)}  # as JSON gives it back


@dataclass(frozen=True)
class FolderRequest:
    """Which folder, and how its files are read and judged.

    Attributes:
        reading: Flags of ``engine ingest`` that hold for every file; it names none itself.
    """

    folder: Path
    strictness: FileLimits = field(default_factory=FileLimits)
    reading: IngestRequest = field(default_factory=IngestRequest)


class EventAudit:
    """Judges a file of events as a whole.

    Args:
        known: Users and items of the graph.
        allowed: What a file may look like.
    """

    def __init__(self, known: Known, allowed: FileLimits) -> None:
        self._tally, self._allowed = FileTally(*known), allowed

    def add(self, events: pl.DataFrame, bad: Sequence[Rejection], part: str) -> None:
        """Count events and rejected rows of a part."""
        self._tally.add(events, bad, part)

    def check(self) -> None:
        """Raise ``FileRefused`` where the file as a whole is not fit."""
        if (fault := self._tally.fault(self._allowed)) is not None:
            raise FileRefused(fault.message, code=fault.code)


def waiting(folder: Path) -> list[tuple[Path, str]]:
    """Return what waits and its kind, items, users and facts first.

    The kind is the word the name begins with; any other name is events. Names that begin with ``_``
    or a point are their writers' own.

    Raises:
        DataError: There is no such folder, or its ``done`` is a link.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder", hint="create it, or leave --from out")
    if (folder / DONE).is_symlink():
        raise DataError(
            f"{folder / DONE} is a link, and nothing is moved out of the folder",
            hint="remove the link; the folder is made when it is needed",
        )
    found = [
        (path, next((kind for kind in _KINDS if path.name.lower().startswith(kind)), "events"))
        for path in sorted(folder.iterdir())
        if _waits(path)
    ]
    order = (*_KINDS, "events")
    return sorted(found, key=lambda one: order.index(one[1]))


def _waits(path: Path) -> bool:
    passed_over = path.name.startswith((".", "_")) or path.name == DONE
    unfinished = path.name.endswith((*UNFINISHED, REASON, ".crc"))
    return not (passed_over or unfinished) and (
        path.is_symlink() or path.is_file() or path.is_dir()
    )


def inspect(settings: Settings, request: FolderRequest) -> list[FileOutcome]:
    """Judge what waits and load nothing."""
    with open_graph(settings) as graph:
        known = _known(graph)
    return [_inspected(path, kind, request, known) for path, kind in waiting(request.folder)]


def first_look(request: FolderRequest) -> list[FileOutcome]:
    """Return what can be seen to be unfit by the first rows, without a graph.

    Raises:
        DataError: There is no such folder, or its ``done`` is a link.
    """
    found = []
    for path, kind in waiting(request.folder):
        fault = None
        try:
            validation = _FirstRows(_asked(path, kind, request), kind, path, within=request.folder)
            VALIDATORS[kind](validation)
        except FileRefused as error:
            fault = FileFault(error.code, error.message)
        except ANY_ERROR:  # the night holds it back with its cause
            continue
        if fault is not None:
            found.append(FileOutcome(path.name, kind, fault.code, fault.message))
    return found


class _FirstRows(FileValidation):
    def blocks(self, choose: ColumnSelector | None = None) -> Iterator[tuple[int, Block]]:
        """Yield the first block of the file."""
        for block in super().blocks(choose):
            yield block
            return


def load_waiting(
    settings: Settings,
    request: FolderRequest,
    advance: StageProgress = no_stage,
) -> Iterator[FileOutcome]:
    """Judge and load what waits one by one, and move what was loaded to ``done``.

    Killed anywhere, the same call goes on: rows that are there are recognised.

    Raises:
        StoreError: A database is away; no file is to blame.
    """
    for path, kind in waiting(request.folder):
        report: FileReport | None = None
        fault: FileFault | None = None
        try:
            report = _loaded(settings, request, path, kind, advance)
        except ANY_ERROR as error:
            fault = fault_of(error)
            if fault.code == UNEXPECTED:
                fault = replace(
                    fault, message=f"{fault.message}; see {keep_traceback(settings, path, error)}"
                )
        if fault is None:
            path.with_name(path.name + REASON).unlink(missing_ok=True)
            _move_to_done(path)
        else:
            write_reason(path, fault)
        yield _outcome(path, kind, fault, report)


def _loaded(
    settings: Settings,
    request: FolderRequest,
    path: Path,
    kind: str,
    advance: StageProgress,
) -> FileReport:
    audit = None
    if kind == "events":
        with open_graph(settings) as graph:
            audit = EventAudit(_known(graph), request.strictness)
    asked = _asked(path, kind, request)
    return ingest_files(settings, asked, advance, within=request.folder, audit=audit)[0]


def _inspected(path: Path, kind: str, request: FolderRequest, known: Known) -> FileOutcome:
    audit = EventAudit(known, request.strictness) if kind == "events" else None
    report, fault, parts = None, None, 1
    try:
        asked = _asked(path, kind, request)
        validation = FileValidation(asked, kind, path, within=request.folder, audit=audit)
        report, parts = validation.report, len(validation.source.parts)
        validation.validate(VALIDATORS[kind])
    except ANY_ERROR as error:
        fault = fault_of(error)
    return replace(_outcome(path, kind, fault, report), parts=parts)


def _asked(path: Path, kind: str, request: FolderRequest) -> IngestRequest:
    named: dict[str, Any] = {kind: path, "max_bad": request.strictness.bad}
    return replace(request.reading, **named)


def _known(graph: GraphClient) -> Known:
    return frozenset(pull.pull_users(graph).ids), frozenset(pull.pull_items(graph)[0].ids)


def _outcome(
    path: Path, kind: str, fault: FileFault | None, report: FileReport | None
) -> FileOutcome:
    held, message = (None, "") if fault is None else (fault.code, fault.message)
    one = FileOutcome(path.name, kind, held, message)
    if report is None:
        return one
    return replace(
        one,
        read=report.read,
        accepted=report.accepted,
        duplicate=report.duplicate,
        quarantined=report.quarantined,
        forgotten=report.forgotten,
        without_time=report.without_time,
        notes=tuple(report.notes.lines()),
    )


def _move_to_done(path: Path) -> None:
    """Move a file beside those of earlier nights; one of the same name gets a number."""
    folder = path.parent / DONE
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists() or target.is_symlink():
        number += 1
        target = folder / f"{number}-{path.name}"
    path.replace(target)
