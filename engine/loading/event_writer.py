"""Write events exactly once: drop what is known, create the rest, two transactions at a time.

Which keys are known is asked only while duplicates turn up: the graph's uniqueness constraint
refuses a transaction that would write an event twice, and then it is asked. So a first load pays
nothing for it, and two loads of one file at once are still exact.
"""

from collections.abc import Iterable, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple

import polars as pl

from engine.data.reading.rejection import Rejection
from engine.errors import AlreadyThere, Busy
from engine.graph import aliases, event_writes
from engine.graph import batch_writes as verbs
from engine.store.graph_client import GraphClient

_WRITERS = 2
_TRIES = 20
_REMEMBERED_IDS = 1_000_000
CONTENT = ("key", "row", "user", "item", "event", "at", "weight", "basket")
"""The columns by which two events with one key are compared."""


class WriteResult(NamedTuple):
    """How many rows were new, and those whose event id stands for another event."""

    new: int
    conflicts: list[Rejection]


@dataclass(frozen=True)
class PendingWrite:
    """Rows on their way: what was found wrong before, and what their transactions will return."""

    conflicts: list[Rejection]
    parts: list[Future[WriteResult]]

    def result(self) -> WriteResult:
        """Wait for the transactions.

        Raises:
            Busy: Another load keeps writing the same events.
        """
        done = [part.result() for part in self.parts]
        return WriteResult(
            sum(one.new for one in done),
            self.conflicts + [conflict for one in done for conflict in one.conflicts],
        )


class EventWriter:
    """Writes the validated events of one load.

    Args:
        graph: Where to.
        ingest: Number of the load in the registry.
    """

    def __init__(self, graph: GraphClient, ingest: int) -> None:
        self._graph, self._ingest = graph, ingest
        self._ask = True
        self._nodes: set[tuple[str, str]] = set()
        # One queue each: a user's events never stand in two transactions at once, so only items
        # are contended for.
        self._writers = [ThreadPoolExecutor(1) for _ in range(_WRITERS)]

    def __enter__(self) -> "EventWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Ctrl-C does not wait for transactions, which the server may hold up for half a minute:
        # each is whole or not at all, and closing the connection ends them.
        stopped = kind is not None and not issubclass(kind, Exception)
        for writer in self._writers:
            writer.shutdown(wait=not stopped, cancel_futures=True)

    def write(self, rows: pl.DataFrame) -> PendingWrite:
        """Begin to write those rows of ``events.validate`` that the graph has not."""
        rows = aliases.resolved(self._graph, rows)
        known = self._known(rows) if self._ask else {}
        fresh, conflicts = only_new(rows, known)
        self._ask = bool(known)
        self._merge_nodes(fresh)
        turn = fresh["user"].hash() % _WRITERS
        parts = [fresh.filter(turn == number) for number in range(_WRITERS)]
        return PendingWrite(
            conflicts,
            [
                writer.submit(copy_context().run, self._create, part)
                for writer, part in zip(self._writers, parts, strict=True)
            ],
        )

    def write_named(self, rows: pl.DataFrame) -> PendingWrite:
        """Write rows that bring ids of their own; nothing else may be on its way.

        Such ids can clash, and a row that does must not create its nodes: what is known is always
        asked first, and the rows are there before the next ones come.
        """
        self._ask = True
        writing = self.write(rows)
        wait(writing.parts)
        return writing

    def _create(self, rows: pl.DataFrame) -> WriteResult:
        conflicts: list[Rejection] = []
        for _ in range(_TRIES):
            if not len(rows):
                return WriteResult(0, conflicts)
            try:
                event_writes.create_events(self._graph, rows, self._ingest)
            except AlreadyThere:
                self._ask = True
                rows, more = only_new(rows, self._known(rows))
                conflicts += more
            else:
                return WriteResult(len(rows), conflicts)
        raise Busy(
            "another load keeps writing the same events",
            hint="wait for it and run the same command again: what is there is recognised",
        )

    def _known(self, rows: pl.DataFrame) -> dict[int, tuple[Any, ...]]:
        return event_writes.known_events(self._graph, rows["key"].to_list())

    def _merge_nodes(self, fresh: pl.DataFrame) -> None:
        """Create users and items; remembering them saves asking again in later batches."""
        if len(self._nodes) > _REMEMBERED_IDS:
            self._nodes.clear()
        for column, merge in (("user", verbs.merge_users), ("item", verbs.merge_items)):
            ids = fresh[column].unique().sort().to_list()
            new = [id_ for id_ in ids if (column, id_) not in self._nodes]
            merge(self._graph, new)
            self._nodes.update((column, id_) for id_ in new)


def only_new(
    rows: pl.DataFrame, known: dict[int, tuple[Any, ...]]
) -> tuple[pl.DataFrame, list[Rejection]]:
    """Drop what is known or stands twice; an id that means two things is a conflict."""
    if not known and rows["key"].n_unique() == len(rows):
        return rows, []
    keep, conflicts = compare(rows.select(CONTENT).iter_rows(), dict(known))
    return rows.filter(pl.Series(keep, dtype=pl.Boolean)), conflicts


def compare(
    rows: Iterable[tuple[Any, ...]], first: MutableMapping[int, tuple[Any, ...]]
) -> tuple[list[bool], list[Rejection]]:
    """Return which rows are new, and a conflict for each whose key stands for another event.

    Args:
        rows: Of the columns ``CONTENT``.
        first: Key to content of what is there, to which what is new is added.
    """
    keep, conflicts = [], []
    for key, row, *content in rows:
        stands = first.get(key)
        keep.append(stands is None)
        if stands is None:
            first[key] = tuple(content)
        elif stands != tuple(content):
            conflicts.append(Rejection(row, "conflict", "event_id"))
    return keep, conflicts
