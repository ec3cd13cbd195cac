"""Ask the graph for recommendations (``cypher/recommend``): one query, documented in its file.

May import: ``store``, ``errors``.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.errors import NotFound, UsageError
from engine.store.graph_client import GraphClient

MAX_K = 1_000
_COUNTED = ("bought-together", "next", "attributes")
Filters = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Recommended:
    """One item of a list.

    Attributes:
        source: What spoke most for it: ``embedding``, ``again`` (bought before) or ``popular``; or
            how it is like an item: ``bought-together``, ``next`` or ``attributes``.
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
        basis: ``embedding``, ``no-embedding``, ``unknown-user`` or ``new-item``; or how the items
            are like the one: ``bought-together``, ``next`` or ``attributes``; or, where a plain
            method is in service, its name, ``popular`` or ``buy-again`` (``plain`` for an item).
        items: Best first.
        asked: How many were asked for.
    """

    subject: str
    generation: int | None
    basis: str
    items: tuple[Recommended, ...]
    asked: int
    name: str | None = None

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
        return said

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {
            "fallback": self.fallback,
            "short": self.short,
            "note": self.note(),
            "items": [asdict(item) for item in self.items],
        }


@dataclass(frozen=True)
class Question:
    """What is asked of the graph.

    Attributes:
        k: Length of the list, 1 to 1000.
        exclude_seen: Leave out what the user has used before.
        filters: Attribute to allowed values: one value of every attribute must match.
        now: Epoch milliseconds, against which items expire; None means the clock.
    """

    k: int = 10
    exclude_seen: bool = True
    filters: Filters = field(default_factory=dict)
    now: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no query may see.

        Raises:
            UsageError: k or an attribute is out of bounds.
        """
        if isinstance(self.k, bool) or not isinstance(self.k, int) or not 1 <= self.k <= MAX_K:
            raise UsageError(f"k must be a whole number from 1 to {MAX_K}", hint="use -k 10")
        for attribute in self.filters:
            if not attribute or attribute.startswith("embedding_g"):
                raise UsageError(
                    f"{attribute!r} cannot be filtered on", hint="use --where category=tea"
                )

    def parameters(self) -> dict[str, Any]:
        """Return the parameters both queries share."""
        return {
            "k": self.k,
            "filters": {name: list(values) for name, values in self.filters.items()},
            "now": int(time.time() * 1_000) if self.now is None else self.now,
        }


def for_users(
    client: GraphClient, users: Sequence[str], question: Question
) -> list[RecommendationList]:
    """Return one list per user, in the order asked.

    Raises:
        NotFound: Nothing is published.
    """
    rows = client.read(
        "recommend/for_users",
        users=list(users),
        exclude_seen=question.exclude_seen,
        **question.parameters(),
    )
    if users and not rows:
        raise _nothing_published()
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
        raise _nothing_published()
    if rows[0]["basis"] == "unknown-item":
        raise NotFound(f"there is no item {item}", hint="engine recommend shows ids of items")
    return _list(rows[0], item, question.k)


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


def _nothing_published() -> NotFound:
    return NotFound("nothing is published yet", hint="engine train && engine publish")
