"""Events that come one request at a time, with the promise of every load: each counts exactly once.

A request is written whole or refused whole. Sent again it is recognised, by event ids or content,
and changes nothing.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from engine.config import Settings
from engine.data.reading import columns
from engine.data.reading.block import Block
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.rejection import Rejection
from engine.graph import ingest as verbs
from engine.loading.event_writer import EventWriter, only_new
from engine.loading.load_events import validate_block
from engine.loading.locks import graph_not_replaced
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

_WAIT_SECONDS = 0.5
_EVERYTHING = ReadOptions()


@dataclass(frozen=True)
class IntakeResult:
    """What became of the events of a request; with ``bad`` or ``conflicts`` none was written.

    Attributes:
        bad: Those that are no events; ``row`` counts from 0.
        conflicts: Those whose event id stands for another event.
    """

    accepted: int = 0
    duplicate: int = 0
    bad: tuple[Rejection, ...] = ()
    conflicts: tuple[Rejection, ...] = ()


class EventIntake:
    """Takes events for as long as a service runs, which the registry keeps as one load."""

    def __init__(self, settings: Settings, registry: Registry) -> None:
        self._settings, self._registry = settings, registry
        self._lock = threading.Lock()
        self._number: int | None = None
        self._accepted = self._duplicate = 0

    def take(self, graph: GraphClient, events: Sequence[Mapping[str, str]]) -> IntakeResult:
        """Write events; each is a map of fields to text, as a row of a file would be.

        Raises:
            Busy: A load is replacing the whole graph.
            CommitUnknown: The answer was lost: send the same events again.
        """
        one = validate_block(_block(events), _EVERYTHING)
        if one.bad:
            return IntakeResult(bad=tuple(sorted(one.bad, key=lambda fault: fault.row)))
        with graph_not_replaced(self._settings, _WAIT_SECONDS):
            known = verbs.known_events(graph, one.events["key"].to_list())
            _, conflicts = only_new(one.events, known)
            if conflicts:
                return IntakeResult(conflicts=tuple(conflicts))
            with EventWriter(graph, self._load()) as writer:
                # Asked again, for another request may have been quicker.
                done = writer.write_named(one.events).result()
        duplicate = len(events) - done.new - len(done.conflicts)
        with self._lock:
            self._accepted += done.new
            self._duplicate += duplicate
        return IntakeResult(done.new, duplicate, (), tuple(done.conflicts))

    def close(self) -> None:
        """Record how many there were."""
        if self._number is not None:
            self._registry.finish_ingest(
                self._number,
                rows_read=self._accepted + self._duplicate,
                accepted=self._accepted,
                duplicate=self._duplicate,
                quarantined=0,
                status="finished",
                quarantine_counts={},
            )

    def _load(self) -> int:
        with self._lock:
            if self._number is None:
                self._number = self._registry.start_ingest("engine serve", "", "events")
            return self._number


def _block(events: Sequence[Mapping[str, str]]) -> Block:
    fields = [name for name in columns.EVENT_FIELDS if any(name in one for one in events)]
    frame = pl.DataFrame(
        {name: [one.get(name) for one in events] for name in fields},
        dict.fromkeys(fields, pl.String),
    )
    return Block(frame.with_columns(_row=pl.Series(range(len(events)), dtype=pl.Int64)))
