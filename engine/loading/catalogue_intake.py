"""Take what clients say of users and items: each request one transaction, whole or not at all.

The rules are those of files (``descriptions``): rows of those who are forgotten are left out, and
each request is a batch, so that the next night sees that something is new.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from engine.config import Settings
from engine.connections.forgotten import ForgottenIds
from engine.data.description import Description
from engine.data.entity_kinds import OwnFact
from engine.data.tombstone import KINDS, ForgettableKind
from engine.errors import EngineError
from engine.graph import batch_writes, new_item_vectors
from engine.graph.pulling import pull_vectors
from engine.loading.descriptions import Document, Refusal, attribute_names, judge
from engine.loading.locks import graph_not_replaced
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

_LOG = logging.getLogger(__name__)
_IMPORT_WAIT_SECONDS = 0.5


@dataclass(frozen=True)
class DescriptionResult:
    """What became of the rows of a request; with ``bad`` none was written.

    Attributes:
        accepted: Rows that changed something.
        duplicate: Rows that said what was known.
        forgotten: Rows and facts of users and items that are forgotten; they are written nowhere.
    """

    accepted: int = 0
    duplicate: int = 0
    forgotten: int = 0
    bad: tuple[Refusal, ...] = ()


class CatalogueIntake:
    """Takes descriptions for as long as somebody holds it; each kind is one load of the registry.

    Args:
        settings: Which home.
        registry: Where the loads are recorded.
        ask: Runs work on the graph, or raises where no server answers.
        source: Who takes them, for the registry.
    """

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        ask: Callable[[Callable[[GraphClient], DescriptionResult]], DescriptionResult],
        source: str = "engine serve",
    ) -> None:
        self._settings, self._registry, self._ask = settings, registry, ask
        self._source = source
        self._lock = threading.Lock()
        self._known_forgotten: ForgottenIds | None = None
        self._loads: dict[ForgettableKind, int] = {}
        self._counts: Counter[tuple[ForgettableKind, str]] = Counter()

    def take(
        self,
        kind: ForgettableKind,
        documents: Sequence[Document],
        *,
        whole: bool = False,
        create: bool = True,
    ) -> DescriptionResult:
        """Write what documents say, all or none; again, it changes nothing.

        Args:
            kind: What they are of.
            documents: What is said of each.
            whole: Whether attributes and flags that a document does not name are removed.
            create: Whether those that are not there are created.

        Raises:
            Busy: A first load is being imported offline.
            NotFound: One of them is not there, and is not to be created.
            Unreachable: No server answers.
        """
        with graph_not_replaced(self._settings, _IMPORT_WAIT_SECONDS):
            # The lock that is held keeps anybody from being forgotten meanwhile.
            forgotten = self._forgotten()
            left_out = forgotten.among(kind, (str(one["id"]) for one in documents))
            places = [n for n, one in enumerate(documents) if str(one["id"]) not in left_out]
            kept = [documents[place] for place in places]

            def write(graph: GraphClient) -> DescriptionResult:
                return self._write(graph, kind, kept, forgotten, whole=whole, create=create)

            taken = self._ask(write) if kept else DescriptionResult()
        as_sent = tuple(replace(one, row=places[one.row]) for one in taken.bad)
        taken = replace(
            taken, bad=as_sent, forgotten=taken.forgotten + len(documents) - len(places)
        )
        self._count(kind, taken)
        return taken

    def close(self) -> None:
        """Record how many rows were taken."""
        with self._lock:
            for kind, number in self._loads.items():
                accepted = self._counts[kind, "accepted"]
                duplicate = self._counts[kind, "duplicate"]
                self._registry.finish_ingest(
                    number,
                    rows_read=accepted + duplicate,
                    accepted=accepted,
                    duplicate=duplicate,
                    quarantined=0,
                    status="finished",
                    quarantine_counts={},
                )
            self._loads.clear()

    def _write(
        self,
        graph: GraphClient,
        kind: ForgettableKind,
        documents: Sequence[Document],
        forgotten: ForgottenIds,
        *,
        whole: bool,
        create: bool,
    ) -> DescriptionResult:
        label: Literal["Item", "User"] = "Item" if kind == "item" else "User"
        widths = pull_vectors.widths_of(graph, label, attribute_names(documents))
        judged = judge(kind, documents, widths)
        if judged.bad:
            return DescriptionResult(bad=judged.bad)
        described, left_out = _without_forgotten(judged.descriptions, forgotten)
        changed = batch_writes.describe(
            graph, label, described, self._load(kind), whole=whole, create=create
        )
        if kind == "item":
            _place(graph, sorted(changed))
        known = len(described) - len(changed) + judged.duplicate
        return DescriptionResult(len(changed), known, left_out)

    def _forgotten(self) -> ForgottenIds:
        with self._lock:
            if self._known_forgotten is None:
                self._known_forgotten = ForgottenIds(self._registry, self._settings.home)
            return self._known_forgotten.refresh()

    def _load(self, kind: ForgettableKind) -> int:
        with self._lock:
            if kind not in self._loads:
                self._loads[kind] = self._registry.start_ingest(self._source, "", f"{kind}s")
            return self._loads[kind]

    def _count(self, kind: ForgettableKind, taken: DescriptionResult) -> None:
        with self._lock:
            self._counts[kind, "accepted"] += taken.accepted
            self._counts[kind, "duplicate"] += taken.duplicate


def _place(graph: GraphClient, items: Sequence[str]) -> None:
    """Give new items a vector; what fails costs them their place until the next load or night."""
    try:
        new_item_vectors.place_new_items(graph, items)
    except EngineError as error:
        _LOG.warning("new items were written, and not placed among the vectors: %s", error.message)


def _without_forgotten(
    described: Sequence[Description], forgotten: ForgottenIds
) -> tuple[list[Description], int]:
    """Return descriptions without the facts that lead to somebody forgotten, and how many."""
    tails = [fact for one in described for fact in one.facts or {}]
    gone = set()
    for kind in KINDS:
        of_kind = [one.tail for one in tails if one.tail_type == kind.title()]
        gone |= {(kind.title(), id_) for id_ in forgotten.among(kind, of_kind)}
    if not gone:
        return list(described), 0

    def stays(fact: OwnFact) -> bool:
        return (fact.tail_type, fact.tail) not in gone

    kept = [
        one
        if one.facts is None
        else replace(one, facts={fact: key for fact, key in one.facts.items() if stays(fact)})
        for one in described
    ]
    return kept, sum(not stays(fact) for fact in tails)
