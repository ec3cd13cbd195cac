"""Lists that start from what a user did: because, again, next (``cypher/recommend``)."""

from dataclasses import dataclass

from engine.errors import NotBuilt, NotFound
from engine.graph.lists.item_neighbours import CountedItem
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import (
    RecommendationList,
    Recommended,
    list_of,
    nothing_published,
)
from engine.graph.lists.refill import candidate_rows, refilled_rows
from engine.store.graph_client import GraphClient, Row


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
        NotBuilt: Nothing is published.
        NotFound: There is no such user, or no item of theirs has a vector.
    """
    row = _known(refilled_rows(client, "recommend/because", question, user=user)[0])
    if row["basis"] == "nothing-published":
        raise nothing_published()
    if row["basis"] == "no-embedding":
        raise NotFound(f"no item that {user} used has a vector in service", hint="--by next")
    return list_of(row, "because", question, BecauseItem)


def again(client: GraphClient, user: str, question: Question) -> RecommendationList:
    """Return what is due to be bought again, the most overdue first.

    ``seen_events`` says which kinds of event are purchases; what was bought within ``seen_days`` is
    left out.

    Raises:
        NotFound: There is no such user.
    """
    row = _known(candidate_rows(client, "recommend/again", question, user=user)[0])
    return list_of(row, "again", question, DueItem)


def following(client: GraphClient, user: str, question: Question) -> RecommendationList:
    """Return what follows the items that a user used last.

    Raises:
        NotBuilt: The graph of what follows what was never built.
        NotFound: There is no such user.
    """
    row = _known(candidate_rows(client, "recommend/next", question, user=user)[0])
    if row["basis"] == "not-built":
        raise NotBuilt(
            "the sequential item graph was never built", hint="engine graph build sequential"
        )
    return list_of(row, "next", question, NextItem)


def _known(row: Row) -> Row:
    if not row["known"]:
        raise NotFound(f"there is no user {row['subject']}", hint="ids are those of your files")
    return row
