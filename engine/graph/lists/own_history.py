"""Lists that start from what a user did: because, again, next (``cypher/recommend``)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import NotFound
from engine.graph.lists.item_neighbours import CountedItem
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList, Recommended, nothing_published
from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class BecauseItem(Recommended):
    """An item that another one led to.

    Attributes:
        because: Id of the item that the user had.
        because_name: Its name.
    """

    because: str
    because_name: str | None


@dataclass(frozen=True)
class NextItem(BecauseItem):
    """An item that follows another one; ``count`` is how often it did."""

    count: int


@dataclass(frozen=True)
class DueItem(CountedItem):
    """An item that is due again; ``count`` is how often the user bought it.

    Attributes:
        gap_days: Usual time between two purchases.
        since_days: Time since the last one.
        of_others: Whether the gap is that of other users, as this one bought it once.
    """

    gap_days: float
    since_days: float
    of_others: bool


def because(client: GraphClient, user: str, question: Question) -> RecommendationList:
    """Return what is most like the items that a user used last.

    Raises:
        NotFound: There is no such user, nothing is published, or no item of theirs has a vector.
    """
    row = _row(client, "recommend/because", user, question)
    if row["generation"] is None:
        raise nothing_published()
    if row["basis"] == "no-embedding":
        raise NotFound(f"no item that {user} used has a vector in service", hint="--by next")
    return _list(row, user, question, BecauseItem)


def again(client: GraphClient, user: str, question: Question) -> RecommendationList:
    """Return what is due to be bought again, the most overdue first.

    ``seen_events`` says which kinds of event are purchases; what was bought within ``seen_days`` is
    left out.

    Raises:
        NotFound: There is no such user.
    """
    row = _row(client, "recommend/again", user, question)
    return _list(row, user, question, DueItem)


def following(client: GraphClient, user: str, question: Question) -> RecommendationList:
    """Return what follows the items that a user used last.

    Raises:
        NotFound: There is no such user, or the graph was never built.
    """
    row = _row(client, "recommend/next", user, question)
    if row["state"] is None:
        raise NotFound("what comes next was never counted", hint="engine graph build sequential")
    return _list(row, user, question, NextItem)


def _row(client: GraphClient, name: str, user: str, question: Question) -> Mapping[str, Any]:
    row = client.ask(name, user=user, **question.parameters())[0]
    if not row["known"]:
        raise NotFound(f"there is no user {user}", hint="ids are those of your files")
    return row


def _list(
    row: Mapping[str, Any], user: str, question: Question, kind: type[Recommended]
) -> RecommendationList:
    items = tuple(kind(**item) for item in row["items"])
    return RecommendationList(user, row["generation"], row["basis"], items, question.k)
