"""What the names in a folder of part files mean.

Names that begin with ``_`` or a point are their writers' own and passed over, and so are checksums.
A folder called ``name=value`` is a partition: the value belongs to every row below it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from engine.errors import FileRefused

UNFINISHED = (".part", ".tmp", ".crdownload")
"""Endings of names that their writers have not finished."""
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_TABLE_LOGS = {"_delta_log": "Delta", ".hoodie": "Hudi"}
_CHECKSUM = ".crc"


def is_passed_over(name: str, root: str) -> bool:
    """Tell whether a file or folder of that name, below a folder of part files, holds no rows.

    Raises:
        FileRefused: Its name says that the folder ``root`` is no export, or no finished one.
    """
    if name == "_temporary" or name.endswith(UNFINISHED):
        raise FileRefused(
            f"{root} is still being written: it holds {name}",
            code="unfinished",
            hint="wait for its writer, or remove what a broken one left",
        )
    if name in _TABLE_LOGS:
        raise FileRefused(
            f"{root} is a {_TABLE_LOGS[name]} table: its log says which files count",
            code="format",
            hint="write it as plain Parquet first",
        )
    return name.startswith(("_", ".")) or name.endswith(_CHECKSUM)


def partitions_of(folders: Sequence[str]) -> dict[str, str | None]:
    """Return column -> value of the folders among these that are called ``column=value``."""
    found: dict[str, str | None] = {}
    for folder in folders:
        name, equals, value = folder.partition("=")
        if equals and name:
            found[unquote(name)] = None if value == _NO_VALUE else unquote(value)
    return found


@contextmanager
def refusals_of(name: str) -> Iterator[None]:
    """Let refusals of a file have its name, as a command may read several."""
    try:
        yield
    except FileRefused as error:
        raise error.of(name) from error.__cause__


def no_file(path: Path) -> FileRefused:
    """Return the refusal of a path where no file is."""
    if path.exists():
        return FileRefused(
            f"{path} is a pipe or a device: a file is read twice, and that can be read once",
            code="missing-file",
            hint="write it to a file, or load JSON lines as they come: --follow -",
        )
    return FileRefused(f"{path}: no such file", code="missing-file", hint="check the path")


def no_parts(name: str) -> FileRefused:
    """Return the refusal of a folder of that name in which nothing is to be read."""
    return FileRefused(
        f"{name} is a folder without a file that holds rows",
        code="empty-file",
        hint="check the export that wrote it; names that begin with _ or . are passed over",
    )
