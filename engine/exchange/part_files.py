"""Write the tables and documents of a folder and note how far it is: a killed export goes on.

A table is a run of part files of about a million rows. A part that was closed is noted with the
place in the graph up to which it reaches; the next call writes on from there.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from engine.data.progress_callbacks import StageProgress, no_stage
from engine.errors import DataError
from engine.exchange.folders import ExchangeFolder, HashedFile
from engine.exchange.manifest import MANIFEST, UNFINISHED, FolderFile, Manifest

_ROWS_PER_PART = 1_000_000
_COMPRESSION = "zstd"
_PART = re.compile(r"part-\d{5,}\.parquet")


@dataclass(frozen=True)
class TablePage:
    """Some rows of a table.

    Attributes:
        place: How far they reach, as JSON has it: ``Table.pages`` goes on from there.
        rows: Of the table.
        done, total: How much of the work is done, and how much there is; 0 where nobody knows.
    """

    place: Any
    rows: pa.Table
    done: int = 0
    total: int = 0


Pages = Callable[[Any], Iterator[TablePage]]
"""Called with the place to go on from, None: the beginning."""


@dataclass(frozen=True)
class FolderTable:
    """A table of a folder.

    Attributes:
        name: The folder of its parts.
        columns: What it has beside the ids, as JSON has it, where the graph decides that.
    """

    name: str
    pages: Pages
    columns: Any = None


@dataclass
class WrittenTable:
    """How far a table is written."""

    place: Any = None
    parts: int = 0
    rows: int = 0
    finished: bool = False


@dataclass
class ExportState:
    """How far an export is; what it began with stays.

    Attributes:
        plans: Of a section that was begun the names and columns of its tables.
        ended: Sections all of whose tables are written.
    """

    asked: dict[str, Any]
    begun_at: str
    newest_batch: int
    files: list[dict[str, Any]] = field(default_factory=list)
    tables: dict[str, WrittenTable] = field(default_factory=dict)
    plans: dict[str, list[list[Any]]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)


class PartFiles:
    """A folder that is being written.

    Args:
        folder: Where to.
        state: That of ``begin``.
        report: Called with a table's name, how far it is, and how much there is.
        rows_per_part: After how many rows a part is closed.
    """

    def __init__(
        self,
        folder: ExchangeFolder,
        state: ExportState,
        report: StageProgress = no_stage,
        rows_per_part: int = _ROWS_PER_PART,
    ) -> None:
        self._folder, self._state, self._report = folder, state, report
        self._rows_per_part = rows_per_part

    @property
    def newest_batch(self) -> int:
        """Number of the newest batch whose events are written."""
        return self._state.newest_batch

    def write_section(self, name: str, tables: Iterable[FolderTable]) -> None:
        """Write the tables of a section, or what is not written of them yet.

        Where a killed call found other tables in the graph they are left out: a node that stood in
        two of them could say two things.
        """
        if name in self._state.ended:
            return
        planned = list(tables)
        plan = [[one.name, one.columns] for one in planned]
        if (before := self._state.plans.get(name)) != plan:
            self._leave_out({table for table, _ in before or ()})
            self._state.plans[name] = plan
            self._save()  # before a part that was noted is written over
        for one in planned:
            self.write(one)
        self._state.ended.append(name)
        self._save()

    def write(self, table: FolderTable) -> None:
        """Write a table, or what is not written of it yet."""
        written = self._state.tables.setdefault(table.name, WrittenTable())
        if written.finished:
            return
        pages = table.pages(written.place)
        while (page := next(pages, None)) is not None:
            self._write_part(table.name, written, page, pages)
        written.finished = True
        self._save()

    def write_document(self, name: str, read: Callable[[], Any]) -> Any:
        """Write a file of JSON, unless it is written already, and return its content."""
        if any(one["name"] == name for one in self._state.files):
            return json.loads(self._folder.read(name))
        content = read()
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        with closing(HashedFile(self._folder.create(name))) as file:
            file.write(text.encode())
        self._note(file, name, 1)
        self._save()
        return content

    def finish(self) -> Manifest:
        """Write the manifest, with which the folder is whole.

        Raises:
            DataError: Something of it was removed meanwhile.
        """
        state = self._state
        manifest = Manifest(
            what=tuple(state.asked["what"]),
            begun_at=state.begun_at,
            newest_batch=state.newest_batch,
            rows={name: one.rows for name, one in sorted(state.tables.items()) if one.rows},
            files=tuple(
                FolderFile(**one) for one in sorted(state.files, key=lambda one: one["name"])
            ),
        )
        written, there = {one.name for one in manifest.files}, self._folder.names()
        if gone := sorted(written - there):
            raise DataError(
                f"{self._folder.address} cannot become whole: {gone[0]} was removed from it",
                hint="remove the folder and export again",
            )
        self._remove_others(there - written)
        self._folder.write(MANIFEST, manifest.text().encode())
        self._folder.remove(UNFINISHED)
        return manifest

    def _leave_out(self, tables: set[str]) -> None:
        state = self._state
        state.tables = {name: one for name, one in state.tables.items() if name not in tables}
        state.files = [one for one in state.files if _table_of(one["name"]) not in tables]

    def _remove_others(self, names: set[str]) -> None:
        """Remove parts that a killed call wrote and that are no part of what this one wrote."""
        sections = {_section_of(one) for one in self._state.tables}
        for name in names:
            if _section_of(name) in sections and _PART.fullmatch(name.rpartition("/")[2]):
                self._folder.remove(name)

    def _write_part(
        self, name: str, written: WrittenTable, page: TablePage, pages: Iterator[TablePage]
    ) -> None:
        """Write a page, and those that follow until the part is large enough."""
        part = f"{name}/part-{written.parts:05d}.parquet"
        file, rows = HashedFile(self._folder.create(part)), 0
        schema = page.rows.schema
        with (
            closing(file),
            pyarrow.parquet.ParquetWriter(file, schema, compression=_COMPRESSION) as writer,
        ):
            one: TablePage | None = page
            while one is not None:
                writer.write_table(one.rows)
                rows, written.place = rows + len(one.rows), one.place
                self._report(f"writing {name}", one.done, one.total)
                one = next(pages, None) if rows < self._rows_per_part else None
        self._note(file, part, rows)
        written.parts, written.rows = written.parts + 1, written.rows + rows
        self._save()

    def _note(self, file: HashedFile, name: str, rows: int) -> None:
        done = FolderFile(name, rows, file.bytes, file.sha256)
        self._state.files.append(asdict(done))

    def _save(self) -> None:
        _save(self._folder, self._state)


def _table_of(name: str) -> str:
    return name.rpartition("/")[0]


def _section_of(name: str) -> str:
    return name.partition("/")[0]


def resumed(folder: ExchangeFolder, asked: dict[str, Any]) -> ExportState | None:
    """Return how far an export into a folder is that asked for the same, or None."""
    try:
        found = json.loads(folder.read(UNFINISHED))
        if found["asked"] != asked:
            return None
        tables = {name: WrittenTable(**one) for name, one in found["tables"].items()}
        return ExportState(**found | {"tables": tables})
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def begun(
    folder: ExchangeFolder, asked: dict[str, Any], begun_at: str, newest_batch: int
) -> ExportState:
    """Return the state of an export that begins, noted before the first part is written."""
    state = ExportState(asked, begun_at, newest_batch)
    _save(folder, state)
    return state


def _save(folder: ExchangeFolder, state: ExportState) -> None:
    folder.write(UNFINISHED, json.dumps(asdict(state)).encode())
