"""Ask the graph for recommendations (``cypher/recommend``): one query, documented in its file."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.errors import NotFound, UsageError
from engine.graph.lists.question import MAX_K, Filters, Question
from engine.graph.names import check_ids
from engine.store.graph_client import GraphClient

__all__ = [
    "MAX_K",
    "Filters",
    "Question",
    "RecommendationList",
    "Recommended",
    "for_users",
    "likes",
    "nothing_published",
    "similar_items",
    "users_after",
]

_MAX_LIKES = 50
_COUNTED = ("bought-together", "next", "attributes")


@dataclass(frozen=True)
class Recommended:
    """One item of a list.

    Attributes:
        source: What spoke most for it: ``embedding``, ``again`` (bought before) or ``popular``; or
            the list it comes from, such as ``next`` or ``bought-together``; or ``pinned``.
    """

    id: str
    name: str | None
    score: float
    source: str


@dataclass(frozen=True)
class RecommendationList:
    """A list for one user, or of the items like one item.

    Attributes:
        subject: Id of that user or item.
        generation: Which embeddings were used, None where none were.
        basis: ``embedding``, ``folded-in``, ``no-embedding``, ``unknown-user`` or ``new-item``; or
            the list asked for, such as ``next`` or ``bought-together``; or, where a plain method is
            in service, its name, ``popular`` or ``buy-again`` (``plain`` for an item).
        items: Best first.
        asked: How many were asked for.
        reasons: Why another list than the one asked for filled in, in the order of the lists.
    """

    subject: str
    generation: int | None
    basis: str
    items: tuple[Recommended, ...]
    asked: int
    name: str | None = None
    reasons: tuple[str, ...] = ()

    @property
    def fallback(self) -> bool:
        """Whether the list rests on popularity because the user has no embedding."""
        return self.basis in ("no-embedding", "unknown-user", "new-item")

    @property
    def short(self) -> bool:
        """Whether fewer items may be shown than were asked for."""
        return len(self.items) < self.asked

    def note(self) -> str | None:
        """Say what a reader must know about the list, or None."""
        said = {
            "unknown-user": f"Unknown user {self.subject}: these are the popular items.",
            "no-embedding": f"{self.subject} is newer than the model: popularity decides.",
            "folded-in": f"{self.subject} is newer than the model: placed by the items used.",
            "shared-items": f"{self.subject} is newer than the model: people by shared items.",
            "no-times": "No event has a time, so nothing can be trending.",
            "popular": "Popularity is in service: it predicts better than any model did.",
            "buy-again": "Buy-it-again is in service: it predicts better than any model did.",
            "plain": "What is in service has no vectors. Try --by bought-together or attributes.",
            "new-item": f"{self.subject} is newer than the model: nothing to compare it by.",
        }.get(self.basis)
        if self.short and self.basis not in ("new-item", "plain"):
            left = f"Only {len(self.items)} of {self.asked}: no other item may be shown "
            left += "(seen, hidden, expired or filtered out)."
            if self.basis in _COUNTED:
                left = f"Only {len(self.items)} of {self.asked}: no other item is joined to "
                left += f"{self.subject} and may be shown."
            said = f"{said} {left}" if said else left
        return " ".join([*self.reasons, *([said] if said else [])]) or None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {
            "fallback": self.fallback,
            "short": self.short,
            "note": self.note(),
            "items": [asdict(item) for item in self.items],
        }


def for_users(
    client: GraphClient, users: Sequence[str], question: Question
) -> list[RecommendationList]:
    """Return one list per user, in the order asked.

    Raises:
        NotFound: Nothing is published.
    """
    rows = client.read("recommend/for_users", users=list(users), **question.parameters())
    if users and not rows:
        raise nothing_published()
    return [_list(row, row["user"], question.k) for row in rows]


def similar_items(
    client: GraphClient, item: str, question: Question, user: str | None = None
) -> RecommendationList:
    """Return the items most like ``item``, without what ``user`` has seen.

    Raises:
        NotFound: Nothing is published, or there is no such item.
    """
    rows = client.read("recommend/similar_items", item=item, user=user, **question.parameters())
    if not rows:
        raise nothing_published()
    if rows[0]["basis"] == "unknown-item":
        raise NotFound(f"there is no item {item}", hint="engine recommend shows ids of items")
    return _list(rows[0], item, question.k)


def likes(
    client: GraphClient, items: Sequence[str], question: Question, user: str | None = None
) -> RecommendationList:
    """Return a list for somebody new who likes ``items``, by the mean of their vectors.

    Raises:
        NotFound: There is no such item, none of them has a vector, or nothing is published.
        UsageError: There are none, or more than 50.
    """
    if not 1 <= len(items) <= _MAX_LIKES:
        raise UsageError(f"likes must name 1 to {_MAX_LIKES} items", hint="--likes green-tea")
    check_ids(client, "likes", "Item", items)
    row = client.ask("recommend/likes", items=list(items), user=user, **question.parameters())[0]
    if row["generation"] is None:
        raise nothing_published()
    if row["basis"] == "no-embedding":
        raise NotFound("none of these items has a vector in service", hint="engine publish")
    return _list(row, user or ", ".join(items), question.k)


def users_after(client: GraphClient, after: str, limit: int) -> list[str]:
    """Return the next user ids in order."""
    return [row["id"] for row in client.read("recommend/users_after", after=after, limit=limit)]


def _list(row: Mapping[str, Any], subject: str, asked: int) -> RecommendationList:
    return RecommendationList(
        subject=subject,
        generation=row["generation"],
        basis=row["basis"],
        items=tuple(Recommended(**item) for item in row["items"]),
        asked=asked,
        name=row.get("name"),
    )


def nothing_published() -> NotFound:
    """Return the error of a list that needs a generation in service."""
    return NotFound("nothing is published yet", hint="engine train && engine publish")
