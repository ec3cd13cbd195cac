"""The folder where files wait for the night: judge each as a whole, load it, move it to ``done``.

A file that is not fit stays where it is, with the reason beside it, and nothing of it is loaded;
the next night looks at it again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.config import Settings
from engine.connections.session import open_graph
from engine.data.reading.file_tally import FileFault, FileLimits, FileTally
from engine.errors import DataError, FileRefused
from engine.graph.pulling import pull
from engine.loading.ingest import ingest_files
from engine.loading.load import FileReport, IngestRequest
from engine.loading.load_events import validated_blocks
from engine.store.graph_client import GraphClient

DONE = "done"
REASON = ".reason.txt"
_KINDS = ("items", "users", "facts")
_UNFINISHED = (".part", ".tmp", ".crdownload", REASON)
Known = tuple[Collection[str], Collection[str]]


@dataclass(frozen=True)
class FileOutcome:
    """What became of a waiting file.

    Attributes:
        held: Code of the reason why it was left where it is, or None.
        said: That reason for people.
        accepted: Rows that were new.
        duplicate: Rows that were there.
        quarantined: Rows set aside.
    """

    file: str
    kind: str
    held: str | None = None
    said: str = ""
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True)
class FolderRequest:
    """Which folder, and how its files are read and judged.

    Attributes:
        reading: Flags of ``engine ingest`` that hold for every file; it names none itself.
    """

    folder: Path
    strictness: FileLimits = field(default_factory=FileLimits)
    reading: IngestRequest = field(default_factory=IngestRequest)


def waiting(folder: Path) -> list[tuple[Path, str]]:
    """Return the files that wait and their kinds, items, users and facts first.

    The kind is the word the name begins with; any other name is a file of events.

    Raises:
        DataError: There is no such folder.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder", hint="create it, or leave --from out")
    found = [
        (path, next((kind for kind in _KINDS if path.name.lower().startswith(kind)), "events"))
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.startswith(".") and not path.name.endswith(_UNFINISHED)
    ]
    order = (*_KINDS, "events")
    return sorted(found, key=lambda one: order.index(one[1]))


def inspect(settings: Settings, request: FolderRequest) -> list[FileOutcome]:
    """Judge the files that wait and load nothing."""
    with open_graph(settings) as graph:
        known = _known(graph)
        return [
            _outcome(path, kind, _fault(path, kind, request, known))
            for path, kind in waiting(request.folder)
        ]


def load_waiting(
    settings: Settings,
    request: FolderRequest,
    advance: Callable[[str, int], None] = lambda _name, _rows: None,
) -> Iterator[FileOutcome]:
    """Judge and load the files one by one, and move those that were loaded to ``done``.

    Killed anywhere, the same call goes on: rows that are there are recognised.
    """
    for path, kind in waiting(request.folder):
        with open_graph(settings) as graph:
            fault = _fault(path, kind, request, _known(graph))
        report = None
        if fault is None:
            wanted = {**vars(request.reading), kind: path, "max_bad": request.strictness.bad}
            try:
                report = ingest_files(settings, IngestRequest(**wanted), advance)[0]
            except DataError as error:
                fault = FileFault(getattr(error, "code", "bad-rows"), error.message)
        reason = path.with_name(path.name + REASON)
        if fault is None:
            reason.unlink(missing_ok=True)
            _move_to_done(path)
        else:
            text = f"{fault.code}: {fault.said}\nNothing of this file counts until it is mended.\n"
            reason.write_text(text, encoding="utf-8")
        yield _outcome(path, kind, fault, report)


def _fault(path: Path, kind: str, request: FolderRequest, known: Known) -> FileFault | None:
    """Return why a file is not fit; only events can be judged before they are loaded."""
    if kind != "events":
        return None
    tally = FileTally(*known)
    try:
        for judged in validated_blocks(path, request.reading.reading):
            tally.add(judged.events, judged.bad)
    except FileRefused as error:
        return FileFault(error.code, error.message)
    return tally.fault(request.strictness)


def _known(graph: GraphClient) -> Known:
    return frozenset(pull.pull_users(graph).ids), frozenset(pull.pull_items(graph)[0].ids)


def _outcome(
    path: Path, kind: str, fault: FileFault | None, report: FileReport | None = None
) -> FileOutcome:
    held, said = (None, "") if fault is None else (fault.code, fault.said)
    if report is None:
        return FileOutcome(path.name, kind, held, said)
    counts = (report.accepted, report.duplicate, report.quarantined)
    return FileOutcome(path.name, kind, held, said, *counts)


def said_of_held(one: Mapping[str, Any]) -> str:
    """Return a sentence about a file that was held back; ``one`` is a recorded ``FileOutcome``."""
    return f"{one['file']} was held back ({one['held']}): {one['said']}."


def _move_to_done(path: Path) -> None:
    """Move a file beside those of earlier nights; one of the same name gets a number."""
    folder = path.parent / DONE
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{number}-{path.name}"
    path.replace(target)
