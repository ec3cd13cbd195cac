"""What an exported folder says of itself: its format, what it holds, and the SHA-256 of each file.

The manifest is written last, so a folder without one is not whole, or something else.
"""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from engine.errors import FileRefused
from engine.exchange.folders import ExchangeFolder
from engine.version import __version__

FORMAT = "engine-export"
FORMAT_VERSION = 1
"""Of what is written; a folder of a higher one is refused, as this version cannot know it."""
MANIFEST = "manifest.json"
UNFINISHED = "unfinished.json"
LISTS = "lists/changes.json"
REGISTRY = "registry/rows.json"
SECTIONS = ("events", "items", "users", "facts", "vectors", "lists", "shown", "registry")
"""What a folder can hold, in the order in which it is written."""


@dataclass(frozen=True)
class FolderFile:
    """One file of a folder.

    Attributes:
        name: With the folders it lies in.
        rows: Of the file; 1 for a file that is no table.
        sha256: Of its bytes.
    """

    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a folder holds.

    Attributes:
        what: Its sections.
        begun_at: When the export began, ISO 8601, UTC.
        newest_batch: Number of the newest batch whose events are in it; 0: of an empty graph.
        rows: Of each table.
        files: By name.
        engine: Version that wrote it.
    """

    what: tuple[str, ...]
    begun_at: str
    newest_batch: int
    rows: dict[str, int]
    files: tuple[FolderFile, ...]
    engine: str = __version__

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as they are written."""
        return {"format": FORMAT, "format_version": FORMAT_VERSION} | asdict(self)

    def text(self) -> str:
        """Return it as JSON."""
        return json.dumps(self.as_dict(), indent=1)

    def of(self, table: str) -> tuple[FolderFile, ...]:
        """Return the files of a table, or of all tables that lie in it."""
        return tuple(one for one in self.files if one.name.startswith(f"{table}/"))


def read(folder: ExchangeFolder) -> Manifest:
    """Return the manifest of a folder.

    Raises:
        FileRefused: There is none, it is of another format, or of a newer version of it.
    """
    names = folder.names()
    if MANIFEST not in names:
        if UNFINISHED in names:
            raise _refused(
                folder,
                "unfinished",
                "the export into it has not ended",
                "engine export --to it again",
            )
        raise _refused(folder, "foreign", f"it has no {MANIFEST}", "name a folder of engine export")
    try:
        found: dict[str, Any] = json.loads(folder.read(MANIFEST))
        if found["format"] != FORMAT:
            raise ValueError(found["format"])
        version = int(found["format_version"])
    except (ValueError, TypeError, KeyError) as error:
        raise _refused(
            folder,
            "foreign",
            f"its {MANIFEST} is of something else",
            "name a folder of engine export",
        ) from error
    if version > FORMAT_VERSION:
        raise _refused(
            folder,
            "newer",
            f"its format is version {version}, and this engine reads up to {FORMAT_VERSION}",
            f"install the engine that wrote it, {found.get('engine')}, or a newer one",
        )
    try:
        files = tuple(FolderFile(**one) for one in found["files"])
        given = {one.name: found[one.name] for one in fields(Manifest)}
        return Manifest(**given | {"files": files, "what": tuple(found["what"])})
    except (TypeError, KeyError) as error:
        raise _refused(
            folder, "damaged", f"its {MANIFEST} lacks a part", "take another copy of it"
        ) from error


def check_files(folder: ExchangeFolder, files: tuple[FolderFile, ...]) -> None:
    """Refuse a folder that lacks a file.

    Raises:
        FileRefused: Names the first one.
    """
    missing = sorted({one.name for one in files} - folder.names())
    if missing:
        raise _refused(folder, "damaged", f"{missing[0]} is missing", "take another copy of it")


def check_digest(folder: ExchangeFolder, file: FolderFile, sha256: str) -> None:
    """Refuse a file whose content is another one.

    Raises:
        FileRefused: Names the file.
    """
    if sha256 != file.sha256:
        why = f"{file.name} is not what was exported: its SHA-256 differs"
        raise _refused(folder, "damaged", why, "take another copy of it")


def _refused(folder: ExchangeFolder, code: str, why: str, hint: str) -> FileRefused:
    return FileRefused(f"{folder.address} cannot be imported: {why}", code=code, hint=hint)
