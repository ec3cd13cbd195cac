"""Write lists to a file part by part, so that an interrupted export is continued.

Parts stand in ``<out>.parts`` with a note of how far they reach; the file itself appears at the
end, in one move.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from engine.answering.exported import Exported
from engine.answering.many_users import USERS_PER_QUERY
from engine.data.progress_callbacks import CountProgress, no_count
from engine.errors import Busy, UsageError
from engine.graph import browsing, census
from engine.graph.lists import ranked, recommendations
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList
from engine.store.graph_client import GraphClient

SUFFIXES = (".parquet", ".csv", ".jsonl")
_SCHEMA = pa.schema(
    [
        ("user", pa.string()),
        ("rank", pa.int32()),
        ("item", pa.string()),
        ("name", pa.string()),
        ("score", pa.float64()),
        ("source", pa.string()),
        ("basis", pa.string()),
        ("generation", pa.int64()),
    ]
)
_PAGE = 1_000
_AT_ONCE = 2
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class _Progress:
    asked: dict[str, Any]
    after: str = ""
    parts: int = 0
    users: int = 0
    rows: int = 0
    short_lists: int = 0


class Export:
    """An export on its way.

    Args:
        out: The file to write; its suffix decides the format.
        asked: What was asked; parts of an export that asked for something else are discarded.

    Raises:
        UsageError: The suffix is not known.
    """

    def __init__(self, out: Path, asked: Mapping[str, Any]) -> None:
        if out.suffix not in SUFFIXES:
            raise UsageError(
                f"cannot write {out.name}", hint=f"end its name in {', '.join(SUFFIXES)}"
            )
        self._out = out
        self._folder = out.with_name(f"{out.name}.parts")
        self._state = self._resumed(dict(asked))

    @property
    def after(self) -> str:
        """The last user that is safely written; the empty text at the start."""
        return self._state.after

    @property
    def users(self) -> int:
        """How many users are safely written."""
        return self._state.users

    def add(self, last_user: str, lists: Sequence[RecommendationList]) -> None:
        """Write the lists of a page of users that ends with ``last_user``."""
        rows = [row for one in lists for row in _rows(one)]
        table = pa.Table.from_pylist(rows, schema=_SCHEMA)
        state = self._state
        _replace(self._part(state.parts), lambda path: pyarrow.parquet.write_table(table, path))
        state.after, state.parts = last_user, state.parts + 1
        state.users, state.rows = state.users + len(lists), state.rows + len(rows)
        state.short_lists += sum(one.short for one in lists)
        self._save()

    def finish(self) -> Exported:
        """Join the parts into the file and remove them."""
        write = {".parquet": self._parquet, ".csv": self._csv, ".jsonl": self._jsonl}
        _replace(self._out, write[self._out.suffix])
        shutil.rmtree(self._folder)
        state = self._state
        return Exported(
            str(self._out), state.users, state.rows, state.short_lists, state.asked["generation"]
        )

    def _resumed(self, asked: dict[str, Any]) -> _Progress:
        try:
            state = _Progress(**json.loads(self._note.read_text(encoding="utf-8")))
            if state.asked == asked:
                return state
        except (OSError, ValueError, TypeError):
            pass  # nothing to continue, or nothing that can be read: start over
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        return _Progress(asked)

    @property
    def _note(self) -> Path:
        return self._folder / "progress.json"

    def _part(self, number: int) -> Path:
        return self._folder / f"{number:06d}.parquet"

    def _save(self) -> None:
        text = json.dumps(asdict(self._state))
        _replace(self._note, lambda path: path.write_text(text, encoding="utf-8"))

    def _tables(self) -> Iterator[pa.Table]:
        for number in range(self._state.parts):
            yield pyarrow.parquet.read_table(self._part(number))

    def _parquet(self, path: Path) -> None:
        with pyarrow.parquet.ParquetWriter(path, _SCHEMA) as writer:
            for table in self._tables():
                writer.write_table(table)

    def _csv(self, path: Path) -> None:
        with pyarrow.csv.CSVWriter(path, _SCHEMA) as writer:
            for table in self._tables():
                names = [_harmless(name) for name in table["name"].to_pylist()]
                position = _SCHEMA.get_field_index("name")
                column = pa.array(names, pa.string())
                writer.write_table(table.set_column(position, "name", column))

    def _jsonl(self, path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            for table in self._tables():
                for row in table.to_pylist():
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")


def recommend_all(
    graph: GraphClient,
    out: Path,
    question: Question,
    report: CountProgress = no_count,
) -> Exported:
    """Write every user's list to ``out``; an interrupted call is continued by the same call.

    Args:
        graph: Where from.
        out: The file; its suffix, one of ``SUFFIXES``, decides the format.
        question: How many and which may be shown; nothing is arranged, described or explored.
        report: Called with users done and users in all.

    Raises:
        NotBuilt: Nothing is published.
        Busy: Another generation went into service meanwhile: call again.
        UsageError: The file's suffix is not known.
    """
    generation = census.serving_generation(graph)
    if generation is None:
        raise recommendations.nothing_published()
    if question.arrangement or question.attributes or question.explore:
        raise UsageError(
            "--all takes no pins, boosts, diversity, attributes or exploration",
            hint="leave those options out",
        )
    asked = {
        **question.parameters(),
        "now": question.now,
        # Not since when but how long: the clock goes on between two calls.
        "seen_since": question.seen_days,
        "shown_since": question.not_shown_within,
        "generation": generation,
        "graph": graph.target.uri,
    }
    total = census.count(graph).users
    export = Export(out, asked)
    done = export.users
    report(done, total)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while page := browsing.users_after(graph, export.after, _PAGE):
            lists = list(_lists(graph, pool, page, question))
            if any(one.generation != generation for one in lists):
                raise Busy(
                    "another generation went into service meanwhile",
                    hint="run the same command again; it starts over with the new one",
                )
            export.add(page[-1], lists)
            done += len(page)
            report(done, max(done, total))
    return export.finish()


def _lists(
    graph: GraphClient, pool: ThreadPoolExecutor, users: Sequence[str], question: Question
) -> Iterator[RecommendationList]:
    parts = [users[at : at + USERS_PER_QUERY] for at in range(0, len(users), USERS_PER_QUERY)]
    for lists in pool.map(lambda part: ranked.for_users(graph, part, question), parts):
        yield from lists


def _rows(one: RecommendationList) -> Iterator[dict[str, Any]]:
    for rank, item in enumerate(one.items, start=1):
        yield {
            "user": one.subject,
            "rank": rank,
            "item": item.id,
            "name": item.name,
            "score": item.score,
            "source": item.source,
            "basis": one.basis.served,
            "generation": one.generation,
        }


def _harmless(name: str | None) -> str | None:
    """Keep a spreadsheet from running a name as a formula; ids stay as they are."""
    return f"'{name}" if name and name.startswith(_FORMULA) else name


def _replace(path: Path, write: Callable[[Path], Any]) -> None:
    """Write beside the place and move there, so a reader sees all of it or nothing."""
    beside = path.with_name(f".{path.name}.unfinished")
    write(beside)
    beside.replace(path)
