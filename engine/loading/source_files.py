"""Source files: what is loaded as one is a file, or a folder of part files.

Spark, Athena, BigQuery and Snowflake write a folder for a table; ``part_names`` says what its names
mean. Empty parts are passed over.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from engine.data.reading import columns
from engine.data.reading.block import Block
from engine.data.reading.part_names import (
    is_passed_over,
    no_file,
    no_parts,
    partitions_of,
    refusals_of,
)
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.table_reader import ColumnSelector, detect_format, read_blocks
from engine.errors import FileRefused


@dataclass(frozen=True)
class Part:
    """One file of a source.

    Attributes:
        name: As reports and the quarantine call it; of a folder, the path below it too.
        partitions: Column -> value for all rows, from the names of folders; None is no value.
    """

    path: Path
    name: str
    partitions: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceFiles:
    """A file, or the part files of a folder in the order of their names.

    Attributes:
        label: As reports call it; empty: by the name of its path.
    """

    path: Path
    parts: tuple[Part, ...]
    label: str = ""

    @property
    def name(self) -> str:
        """As reports call it."""
        return self.label or self.path.name

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of part files."""
        return self.path.is_dir()


def find(path: Path, within: Path | None = None) -> SourceFiles:
    """Return what is to be read at ``path``.

    Args:
        path: A file or a folder.
        within: A folder that no part may lie outside of, wherever links lead.

    Raises:
        FileRefused: There is nothing, it is no export, it is still being written, or a part lies
            outside of ``within``.
    """
    if within is not None:
        _check_within(path, within)
    if path.is_file():
        return SourceFiles(path, (Part(path, path.name),))
    if not path.is_dir():
        raise no_file(path)
    parts = tuple(_parts(path, path, within))
    if not parts:
        raise no_parts(path.name)
    return SourceFiles(path, parts)


def fingerprint(source: SourceFiles) -> tuple[str, tuple[tuple[str, int, int], ...]]:
    """Return the SHA-256 of a source, and the name, bytes and time of change of each part.

    That of a folder covers the names and the contents of its parts.

    Raises:
        FileRefused: A part cannot be read.
    """
    digests = [digest(part) for part in source.parts]
    stats = [(part.name, *size_and_time(part)) for part in source.parts]
    if not source.is_folder:
        return digests[0], tuple(stats)
    lines = "".join(f"{digest} {name}\n" for digest, (name, *_) in zip(digests, stats, strict=True))
    whole = hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
    return whole, tuple(stats)


def digest(part: Part) -> str:
    """Return the SHA-256 of a part.

    Raises:
        FileRefused: It cannot be read.
    """
    with _readable(part), part.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_and_time(part: Part) -> tuple[int, int]:
    """Return the bytes of a part and when it changed, in nanoseconds of the epoch.

    Raises:
        FileRefused: It cannot be read.
    """
    with _readable(part):
        stat = part.path.stat()
    return stat.st_size, stat.st_mtime_ns


@contextmanager
def _readable(part: Part) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileRefused(
            f"{part.name} cannot be read: {error.strerror}",
            code="unreadable",
            hint="check that the file is there and may be read",
        ) from error


Fields = Mapping[str, Sequence[Sequence[str]]]
_FIELDS: dict[str, Fields] = {
    "events": columns.EVENT_FIELDS,
    "facts": columns.FACT_FIELDS,
    "links": columns.LINK_FIELDS,
}


def part_blocks(
    source: SourceFiles, options: ReadOptions, kind: str = "", choose: ColumnSelector | None = None
) -> Iterator[tuple[int, Block]]:
    """Yield the blocks of every part with its number, and its partitions' values as columns.

    A column of the file counts, not a partition that has its name or would be the same field.

    Args:
        source: The parts.
        options: How they are read.
        kind: What the rows are, which decides the fields.
        choose: Which of a part's columns matter; None: all of them.

    Raises:
        FileRefused: A part cannot be read.
    """
    for number, part in enumerate(source.parts):
        own = _options_of(part, source, options)
        fields = _FIELDS.get(kind, {})
        with refusals_of(part.name):
            for block in read_blocks(part.path, own, _chooser(choose, part, fields, own)):
                yield number, _with_partitions(block, part, fields, own)


def _options_of(part: Part, source: SourceFiles, options: ReadOptions) -> ReadOptions:
    """Return options with the format of the folder's suffix where the part's name has none."""
    if options.format != "auto" or not source.is_folder:
        return options
    try:
        detect_format(part.path)
    except FileRefused as unknown:
        try:
            return replace(options, format=detect_format(source.path))
        except FileRefused:
            raise unknown from None
    return options


def _with_partitions(block: Block, part: Part, fields: Fields, options: ReadOptions) -> Block:
    # A block without columns is one that no line of could be read.
    if not part.partitions or not block.header:
        return block
    added = _partition_columns(block.header, part, fields, options)
    constant = [pl.lit(part.partitions[name], dtype=pl.String).alias(name) for name in added]
    return replace(block, frame=block.frame.with_columns(constant))


def _partition_columns(
    header: Sequence[str], part: Part, fields: Fields, options: ReadOptions
) -> list[str]:
    """Return the partitions of a part that are columns of it."""
    added: list[str] = []
    for name in part.partitions:
        if name not in header and _is_missing(name, [*header, *added], fields, options):
            added.append(name)
    return added


def _chooser(
    choose: ColumnSelector | None, part: Part, fields: Fields, options: ReadOptions
) -> ColumnSelector | None:
    """Return a choice among a file's own columns that knows of its partitions."""
    if choose is None or not part.partitions:
        return choose

    def among(header: list[str]) -> list[str]:
        added = _partition_columns(header, part, fields, options)
        return [name for name in choose([*header, *added]) if name not in added]

    return among


def _is_missing(name: str, header: Sequence[str], fields: Fields, options: ReadOptions) -> bool:
    """Tell whether a column of that name would be a field that no column of ``header`` is.

    Where there are no fields, every column counts.
    """
    if not fields:
        return True

    def assigned(header: Sequence[str]) -> dict[str, str]:
        chosen = {
            field: one
            for field, one in options.mapping.items()
            if field in fields and one in header
        }
        return columns.assign(header, fields, (), chosen, options.skip)

    try:
        before, after = assigned(header), assigned([*header, name])
    except FileRefused:
        return False
    return name in after.values() and before.items() <= after.items()


def _parts(folder: Path, root: Path, within: Path | None) -> Iterator[Part]:
    for entry in sorted(folder.iterdir()):
        if is_passed_over(entry.name, root.name):
            continue
        if within is not None:
            _check_within(entry, within)
        if entry.is_dir():
            yield from _parts(entry, root, within)
        elif entry.is_file() and entry.stat().st_size:
            name = os.fspath(entry.relative_to(root.parent))
            yield Part(entry, name, partitions_of(entry.relative_to(root.parent).parts[:-1]))


def _check_within(path: Path, folder: Path) -> None:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise FileRefused(
            f"{path.name} is a link that leads out of {folder}",
            code="link",
            hint="move the file itself there",
        )
