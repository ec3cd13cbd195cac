"""What an exported folder says of itself: its format, what it holds, and the SHA-256 of each file.

The manifest is written last, so a folder without one is not whole, or something else.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import PurePosixPath
from typing import Any

from engine.data.whole_numbers import LARGEST
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
GENERATIONS = "vectors/generations.json"
DERIVED = "vectors/derived.json"
_DOCUMENTS = {"vectors": (GENERATIONS, DERIVED), "lists": (LISTS,), "registry": (REGISTRY,)}
_TABLE = ".parquet"
_ANOTHER_COPY = "take another copy of it"
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
        FileRefused: There is none, it is damaged, of another format, or of a newer version of it.
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
        if folder.address.startswith(("http://", "https://")):
            raise _refused(
                folder,
                "foreign",
                f"its web server lists no {MANIFEST} there",
                "let the server list its folders, or copy the folder to this machine and name that",
            )
        raise _refused(folder, "foreign", f"it has no {MANIFEST}", "name a folder of engine export")
    try:
        found: dict[str, Any] = json.loads(folder.read(MANIFEST))
        if found["format"] != FORMAT:
            raise ValueError(found["format"])
        version = int(found["format_version"])
    except (ValueError, TypeError, KeyError, OverflowError) as error:
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
        manifest = _manifest(found)
    except (TypeError, KeyError, ValueError) as error:
        raise _refused(
            folder, "damaged", f"its {MANIFEST} lacks a part or contradicts itself", _ANOTHER_COPY
        ) from error
    return manifest


def _manifest(found: Mapping[str, Any]) -> Manifest:
    """Return a manifest.

    Raises:
        TypeError: A value is missing, or of another type.
        KeyError: A value is missing.
        ValueError: A value is not allowed, or files and counts do not agree.
    """
    files = tuple(FolderFile(**one) for one in found["files"])
    given = {one.name: found[one.name] for one in fields(Manifest)}
    manifest = Manifest(**given | {"files": files, "what": tuple(found["what"])})
    names = {one.name for one in files}
    needed = {name for section in manifest.what for name in _DOCUMENTS.get(section, ())}
    rows: Counter[str] = Counter()
    for one in files:
        if not _is_below(one.name) or not isinstance(one.sha256, str):
            raise ValueError(one)
        if one.name.endswith(_TABLE):
            rows[one.name.rpartition("/")[0]] += _count(one.rows)
    agree = rows == manifest.rows and needed <= names and len(names) == len(files)
    if not agree or not set(manifest.what) <= set(SECTIONS):
        raise ValueError(sorted(rows))
    _count(manifest.newest_batch)
    _count(sum(_count(one.bytes) for one in files))
    return manifest


def _is_below(name: str) -> bool:
    """Tell whether a name is that of a file in the folder, on every system."""
    path = PurePosixPath(name)
    inside = not path.is_absolute() and not {"..", "."} & set(name.split("/"))
    return inside and "\\" not in name


def _count(value: int) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise ValueError(value)
    return value


def check_files(folder: ExchangeFolder, files: tuple[FolderFile, ...]) -> None:
    """Refuse a folder that lacks a file, or has another one beside those of a table.

    Raises:
        FileRefused: Names the first one.
    """
    there, known = folder.names(), {one.name for one in files}
    if missing := sorted(known - there):
        raise _refused(folder, "damaged", f"{missing[0]} is missing", _ANOTHER_COPY)
    tables = {name.partition("/")[0] for name in known}
    more = (one for one in there - known if one.partition("/")[0] in tables)
    if foreign := sorted(one for one in more if not _is_passed_over(one)):
        why = f"{foreign[0]} is not in its {MANIFEST}"
        raise _refused(folder, "damaged", why, "move it away, or take another copy of the folder")


def _is_passed_over(name: str) -> bool:
    """Tell whether a file is one that a system or a copying program puts beside others."""
    return any(part.startswith(("_", ".")) for part in name.split("/"))


def check_digest(folder: ExchangeFolder, file: FolderFile, sha256: str) -> None:
    """Refuse a file whose content is another one.

    Raises:
        FileRefused: Names the file.
    """
    if sha256 != file.sha256.lower():
        why = f"{file.name} is not what was exported: its SHA-256 differs"
        raise _refused(folder, "damaged", why, _ANOTHER_COPY)


def _refused(folder: ExchangeFolder, code: str, why: str, hint: str) -> FileRefused:
    return FileRefused(f"{folder.address} cannot be imported: {why}", code=code, hint=hint)
