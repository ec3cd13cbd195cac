"""Generations and the pointer to the one in service (``cypher/generation``).

A generation's node is written before its vectors, so whatever an interrupted publish left behind
can be found and removed. The pointer moves in one transaction, which writes who moved it and why.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from engine.data.kind_weights import KindWeights
from engine.data.pointer_move import PointerMove
from engine.errors import Busy, CommitUnknown, PublishRefused
from engine.graph import (
    embeddings,
    stored_filters,
    stored_rankers,
    stored_ranking_knowledge,
    stored_user_encoders,
    user_neighbours,
    vector_index,
)
from engine.store.graph_client import GraphClient, Transaction

MoveKind = Literal["publish", "promote", "rollback", "retrain"]
KEPT_AT_LEAST = 2
POPULAR_KEPT = 1_000


@dataclass(frozen=True)
class StoredGeneration:
    """A generation as the graph knows it.

    Attributes:
        state: ``candidate`` while it is written, ``ready`` once it is complete, ``published`` once
            it has been in service, ``removing`` while it is removed.
        settings: Everything the serving query reads from it.
    """

    number: int
    state: str
    serving: bool
    settings: Mapping[str, Any]

    @property
    def needed_by(self) -> frozenset[str]:
        """The homes, by their words, of which an experiment that runs shows it."""
        return frozenset(self.settings.get("needed_by", ()))


@dataclass(frozen=True)
class Popularity:
    """How often each item was used, as serving needs it.

    Attributes:
        events: Item to its events; each counts what its kind weighs.
        weighed_items: On how many items that stands, as no degree tells it; 0: it is the degree.
    """

    events: Mapping[str, float]
    weighed_items: int = 0

    @property
    def most(self) -> float:
        """Events on the most popular item."""
        return max(self.events.values(), default=0)

    def top(self) -> list[str]:
        """Return the most popular ids, best first."""
        return [id_ for id_, _ in self._ranked()]

    def top_events(self) -> list[float]:
        """Return how many events there are on each of ``top()``."""
        return [events for _, events in self._ranked()]

    def stored(self) -> dict[str, Any]:
        """Return what the serving query reads of it from the generation's node."""
        weighed = {"weighed_items": self.weighed_items} if self.weighed_items else {}
        return weighed | {
            "max_events": self.most or 1,
            "popular": self.top(),
            "popular_events": self.top_events(),
        }

    def _ranked(self) -> list[tuple[str, float]]:
        return sorted(self.events.items(), key=lambda pair: (-pair[1], pair[0]))[:POPULAR_KEPT]


def generations(client: GraphClient) -> list[StoredGeneration]:
    """Return what the graph holds, newest first."""
    return [StoredGeneration(**row) for row in client.read("generation/list")]


def create_candidate(client: GraphClient, number: int, settings: Mapping[str, Any]) -> None:
    """Create a generation's node as a candidate.

    Raises:
        AlreadyThere: The number is another generation's.
    """
    client.write("generation/open", number=number, settings=dict(settings))


def highest_number(client: GraphClient) -> int:
    """Return the highest number a generation of this graph ever had, 0 where there was none."""
    number: int = client.read("generation/highest")[0]["number"]
    return number


def complete(client: GraphClient, number: int, settings: Mapping[str, Any]) -> None:
    """Mark a generation as complete, with everything the serving query reads of it."""
    client.write("generation/complete", number=number, settings=dict(settings))


@dataclass(frozen=True)
class MoveReason:
    """Why the pointer moves, for the audit.

    Attributes:
        who: User and machine.
    """

    kind: MoveKind
    who: str
    why: str


def promote(
    client: GraphClient,
    number: int,
    reason: MoveReason,
    completed_by: Mapping[str, Any] | None = None,
) -> bool:
    """Move the pointer to a complete generation; return whether that changed anything.

    Args:
        client: The graph.
        number: Of the generation.
        reason: For the audit.
        completed_by: What ``complete`` would be given, in the same transaction: between the two
            nobody can take the generation for one that only waits.

    Raises:
        PublishRefused: It is not there, not complete, or is being removed.
        CommitUnknown: The answer was lost and the pointer has not moved.
    """
    token = uuid.uuid4().hex

    def work(tx: Transaction) -> list[dict[str, Any]]:
        if completed_by is not None:
            tx.run("generation/complete", number=number, settings=dict(completed_by))
        return tx.run(
            "generation/promote",
            number=number,
            kind=reason.kind,
            token=token,
            who=reason.who,
            why=reason.why,
        )

    try:
        rows = client.transact(work)
    except CommitUnknown:
        if any(flip.token == token for flip in pointer_moves(client)):
            return True
        raise
    if not rows:
        raise PublishRefused(
            f"generation {number} is not there, or not complete",
            hint="see which can serve: engine generations",
        )
    return bool(rows[0]["moved"])


def pointer_moves(client: GraphClient) -> list[PointerMove]:
    """Return every move of the pointer, newest first."""
    return [
        PointerMove(**row | {"at": datetime.fromtimestamp(row["at"] / 1_000, tz=UTC)})
        for row in client.read("generation/flips")
    ]


def previous_of(known: list[StoredGeneration]) -> list[int]:
    """Return the generation in service, the one before it, the one before that, and so on."""
    by_number = {one.number: one for one in known}
    here = next((one for one in known if one.serving), None)
    chain: list[int] = []
    while here is not None and here.number not in chain:
        chain.append(here.number)
        here = by_number.get(here.settings.get("previous") or -1)
    return chain


def leftovers(
    known: list[StoredGeneration],
    keep: int = KEPT_AT_LEAST,
    needed: Collection[int] = (),
    home: str = "",
) -> list[int]:
    """Return the generations to remove.

    Kept are ``keep`` that have been in service: the one that is, those before it, then the ones
    that were last; a newer one that is complete and waits to be put into service; and those that
    are ``needed``: others are publishing them now, or an experiment shows them, of ``home`` or, as
    the graph notes, of another one.
    """
    chain = previous_of(known)
    others = sorted(
        (one for one in known if one.state == "published" and one.number not in chain),
        key=lambda one: (one.settings.get("promoted_at") or 0, one.number),
        reverse=True,
    )
    kept = set((chain + [one.number for one in others])[: max(keep, KEPT_AT_LEAST)])
    kept.update(needed, (one.number for one in known if one.needed_by - {home}))
    waiting = max((one.number for one in known if one.state == "ready"), default=0)
    if waiting > max(chain[:1], default=0):
        kept.add(waiting)
    return [one.number for one in known if one.number not in kept]


def note_needed(client: GraphClient, numbers: Collection[int]) -> None:
    """Note what the experiments of the client's home need, instead of what it noted before."""
    home, wanted = client.target.home, set(numbers)
    noted = {one.number for one in generations(client) if home in one.needed_by}
    if home and noted != wanted:
        client.write("generation/need", home=home, numbers=sorted(wanted))


def artefact_fault(client: GraphClient, one: StoredGeneration) -> str | None:
    """Return what is wrong with what a generation was published with beside vectors, or None."""
    return stored_rankers.fault(client, one.number, one.settings) or stored_user_encoders.fault(
        client, one.number, one.settings
    )


def remove(client: GraphClient, number: int) -> None:
    """Remove a generation's indexes, vectors and node, in that order: it can be interrupted.

    Raises:
        Busy: It is in service, or an experiment needs it.
    """
    for row in client.write("generation/condemn", number=number):
        if row["serving"]:
            raise Busy(f"generation {number} is in service", hint="engine rollback takes it out")
        if row["needed"]:
            raise Busy(
                f"an experiment that runs shows generation {number}",
                hint="in the home that started it: engine experiment stop NAME",
            )
    vector_index.drop(client, number)
    embeddings.remove(client, number)
    user_neighbours.remove(client, number)
    stored_filters.remove(client, number)
    stored_ranking_knowledge.remove(client, number)
    stored_rankers.remove(client, number)
    stored_user_encoders.remove(client, number)
    client.write("generation/forget", number=number)


def write_popularity(client: GraphClient, number: int, kinds: KindWeights) -> Popularity:
    """Count the events on every item; where kinds have weights, that is stored on the items."""
    if not kinds:
        rows = client.stream("generation/item_degrees")
        return Popularity({row["id"]: row["events"] for row in rows})
    rows = client.stream("generation/item_weights", **kinds.stored())
    events = {row["id"]: row["events"] for row in rows}
    ids, counts = list(events), list(events.values())
    return Popularity(events, user_neighbours.write_weighed(client, number, ids, counts))
