"""Ask the graph for recommendations (``cypher/recommend``): one query, documented in its file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from engine.data.experiment_definition import ShownVariant
from engine.data.list_cursor import make_cursor
from engine.data.list_id import new_list_id
from engine.data.tabular import Tabular
from engine.errors import Busy, NotBuilt, NotFound, UsageError
from engine.graph.lists import encoded_users, list_notes
from engine.graph.lists.question import Question
from engine.graph.lists.refill import refilled_rows
from engine.graph.name_checks import check_ids
from engine.graph.vector_index import index_name
from engine.store.graph_client import GraphClient

__all__ = [
    "Basis",
    "Question",
    "RecommendationList",
    "Recommended",
    "for_users",
    "likes",
    "list_of",
    "nothing_published",
    "similar_items",
    "warm_plan",
]

_MAX_LIKES, _TRIES = 50, 4
_WITHOUT_VECTORS = {"filter-only": "filter", "plain": "bought-together"}
"""What is in service and has no vectors, and what still answers of an item."""
_OTHERS = {"counts": "recommend/by_counts", "edges": "recommend/by_edges"}


@dataclass(frozen=True)
class Recommended:
    """One item of a list.

    Attributes:
        source: What spoke most for it: ``embedding``, ``filter`` (by edges between items),
            ``again`` (bought before) or ``popular``; or the list it comes from, such as ``next``;
            or ``pinned``, or ``explore``.
    """

    id: str
    name: str | None
    score: float
    source: str


@dataclass(frozen=True)
class Basis:
    """Which list was asked for, and what serves.

    Attributes:
        asked: Name of the list: ``for-you``, ``next``, ``bought-together``, ``embedding``, ...
        served: ``ranked`` where the ranker in service decides; without one, where a filter serves,
            ``edges``; where vectors do, ``embedding``, or ``folded-in`` for a user placed by own
            items; otherwise the list that answers, which may be one that fills in. Where popularity
            stands in, why: ``unknown-user``, ``no-embedding``, ``popular-from-memory`` (no database
            answers). A plain method in service: its name (``plain`` for an item, or
            ``filter-only``). ``new-item``: it cannot be compared.
    """

    asked: str
    served: str


@dataclass(frozen=True)
class RecommendationList(Tabular):
    """A list for one user, or of the items like one item.

    Attributes:
        subject: Id of that user or item.
        generation: Which embeddings were used, None where none were.
        items: Best first; ``asked`` is how many were asked for.
        reasons: Why other lists filled in, in their order.
        ranker: SHA-256 of the ranker of that generation, whether it ordered the list or not.
        attributes: Item to those of its attributes that were asked for; empty where none were.
        list_id: Of this answer, by which impressions and events name it.
        variant: Of an experiment, where the user is in one.
        listed: Ids of the items on the pages before this one.
        propensities: Of the items: how likely each was to stand at its position; none of a list
            that is not explored.
    """

    subject: str
    generation: int | None
    basis: Basis
    items: tuple[Recommended, ...]
    asked: int
    name: str | None = None
    reasons: tuple[str, ...] = ()
    ranker: str | None = field(default=None, compare=False)
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    list_id: str = field(default_factory=new_list_id, compare=False)
    variant: ShownVariant | None = None
    listed: tuple[str, ...] = field(default=(), compare=False)
    propensities: tuple[float, ...] = field(default=(), compare=False)

    @property
    def fallback(self) -> bool:
        """Whether popularity stands in, as nothing is known of the user or item."""
        return self.basis.served in ("no-embedding", "unknown-user", "new-item")

    @property
    def short(self) -> bool:
        """Whether fewer items may be shown than were asked for."""
        return len(self.items) < self.asked

    @property
    def cursor(self) -> str | None:
        """What to ask the next page with; None: there is none."""
        return None if self.short else make_cursor([*self.listed, *(one.id for one in self.items)])

    def note(self) -> str | None:
        """Say what a reader must know about the list, or None."""
        served = self.basis.served
        parts = [*self.reasons, list_notes.of_served(served, self.basis.asked, self.subject)]
        if self.short:
            number = f"{len(self.items)} of {self.asked}"
            parts.append(list_notes.of_short(served, self.subject, number))
        return " ".join(part for part in parts if part) or None

    def asked_as(self, name: str) -> "RecommendationList":
        """Return the list as the answer to a question for the list of another name."""
        return replace(self, basis=replace(self.basis, asked=name))

    def placed(self) -> Iterator[tuple[int, Recommended]]:
        """Return each item with its position, which goes on from page to page."""
        return enumerate(self.items, len(self.listed) + 1)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row per item, best first; no attribute takes the place of a column."""
        names = dict.fromkeys(name for held in self.attributes.values() for name in held)
        rows = []
        for rank, item in self.placed():
            row = {"rank": rank, "item": item.id, **vars(item)}
            del row["id"]
            held = self.attributes.get(item.id, {})
            rows.append(row | {name: held.get(name) for name in names if name not in row})
        return rows

    def remarks_for_reader(self) -> list[str]:
        """Return the note."""
        return [note] if (note := self.note()) else []

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        told = asdict(self)
        for name in ("ranker", "attributes", "variant", "listed", "propensities"):
            del told[name]
        return told | {
            "fallback": self.fallback,
            "short": self.short,
            "note": self.note(),
            "cursor": self.cursor,
            "items": [self._plain(place, item) for place, item in self.placed()],
        }

    def _plain(self, position: int, item: Recommended) -> dict[str, Any]:
        held: dict[str, Any] = {}
        if self.attributes:
            held["attributes"] = dict(self.attributes[item.id])
        if self.propensities:
            held["propensity"] = self.propensities[position - len(self.listed) - 1]
        return {"position": position, **asdict(item), **held}


def for_users(
    client: GraphClient, users: Sequence[str], question: Question
) -> list[RecommendationList]:
    """Return one list per user, in the order asked.

    Raises:
        NotBuilt: Nothing is published.
        Busy: Generations come and go faster than lists are made.
    """
    if not users:
        return []
    for attempt in range(_TRIES):
        by = encoded_users.serving(client, again=attempt > 0)
        made = encoded_users.made(client, by, users)
        rows = refilled_rows(
            client, "recommend/for_users", question, _OTHERS, users=list(users), **made
        )
        if not rows:
            raise nothing_published()
        if encoded_users.is_of(by, rows):
            return [list_of(row, "for-you", question) for row in rows]
    raise Busy("the generation in service changed at every attempt", hint="try again")


def warm_plan(client: GraphClient, generation: int) -> None:
    """Have the server plan the lists of a generation, in service or not, before anybody waits.

    A statement names the index of its generation, so each has a plan of its own, which costs one to
    two seconds of processor time; so does every statement after an index came or went.

    Raises:
        QueryFailed: The generation has no index.
    """
    if not client.server.cypher25:
        return  # one text serves every generation
    client.ask(
        "recommend/for_users",
        {"index": index_name("Item", generation)},
        generation=generation,
        users=[],  # for nobody: no row
        whole=False,
        **Question().parameters(),
    )
    encoded_users.warm_plan(client, generation)


def similar_items(
    client: GraphClient, item: str, question: Question, user: str | None = None
) -> RecommendationList:
    """Return the items most like ``item``, without what ``user`` has seen.

    Raises:
        NotBuilt: Nothing is published.
        NotFound: There is no such item.
    """
    rows = refilled_rows(client, "recommend/similar_items", question, item=item, user=user)
    if not rows:
        raise nothing_published()
    if not rows[0]["known"]:
        raise NotFound(f"there is no item {item}", hint="engine recommend shows ids of items")
    return list_of(rows[0], "embedding", question)


def likes(
    client: GraphClient, items: Sequence[str], question: Question, user: str | None = None
) -> RecommendationList:
    """Return a list for somebody new who likes ``items``, by the mean of their vectors.

    Raises:
        NotBuilt: Nothing is published.
        NotFound: There is no such item, or none of them has a vector.
        UsageError: There are none, or more than 50.
    """
    if not 1 <= len(items) <= _MAX_LIKES:
        raise UsageError(
            f"likes names {len(items)} items: 1 to {_MAX_LIKES} are allowed",
            hint="--likes green-tea",
        )
    check_ids(client, "likes", "Item", items)
    row = refilled_rows(client, "recommend/likes", question, items=list(items), user=user)[0]
    if row["basis"] == "nothing-published":
        raise nothing_published()
    if row["basis"] == "no-embedding":
        raise NotFound(
            "none of these items has a vector in service", hint="engine train && engine publish"
        )
    if row["basis"] in _WITHOUT_VECTORS:
        by = _WITHOUT_VECTORS[row["basis"]]
        raise NotFound(
            "what is in service has no vectors to compare items by",
            hint=f"engine similar {items[0]} --by {by}",
        )
    return list_of(row | {"subject": user or ", ".join(items)}, "likes", question)


def list_of(
    row: Mapping[str, Any], asked: str, question: Question, kind: type[Recommended] = Recommended
) -> RecommendationList:
    """Return the row of a list whose items are of ``kind``."""
    return RecommendationList(
        subject=row["subject"],
        generation=row["generation"],
        basis=Basis(asked, row["basis"]),
        items=tuple(kind(**item) for item in row["items"]),
        asked=question.k,
        name=row["name"],
        ranker=row.get("ranker"),
        listed=question.listed,
    )


def nothing_published() -> NotBuilt:
    """Return the error of a list that needs a generation in service."""
    return NotBuilt("nothing is published yet", hint="engine train && engine publish")
