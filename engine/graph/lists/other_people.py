"""Lists of what other people did: alike, friends, trending, popular; and that before any model."""

from dataclasses import dataclass, replace

from engine.errors import NotFound
from engine.graph.lists.item_neighbours import CountedItem
from engine.graph.lists.own_history import NextItem
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList, Recommended, list_of
from engine.graph.lists.refill import candidate_rows
from engine.graph.serving_index import rows_in_service
from engine.store.graph_client import GraphClient, Row
from engine.store.plugin_lists import FOLDER
from engine.store.statements import catalogue


@dataclass(frozen=True)
class FriendsItem(NextItem):
    """An item of friends: ``because`` is the one who used it last, ``count`` how many did."""


@dataclass(frozen=True)
class TrendingItem(Recommended):
    """An item asked for more than before.

    Attributes:
        recent: Its events, each halved with every half-life of age.
        before: What that would be had nothing changed.
    """

    recent: float
    before: float


def people_alike(client: GraphClient, user: str, question: Question) -> RecommendationList:
    """Return what the users most like a user have.

    Raises:
        NotFound: There is no such user.
    """
    given = {"user": user, **question.parameters()}
    row = rows_in_service(client, "recommend/people", "User", given)[0]
    return list_of(_known(row), "people", question, CountedItem)


def friends(
    client: GraphClient, user: str, question: Question, relation: str
) -> RecommendationList:
    """Return what the friends of a user have.

    Args:
        client: The graph.
        user: Id.
        question: What is asked.
        relation: Type of the facts that are friendships.

    Raises:
        NotFound: There is no such user, or the user has no friend.
    """
    idents = {"relation": relation}
    row = _known(candidate_rows(client, "recommend/friends", question, idents, user=user)[0])
    if row["basis"] == "no-friends":
        raise NotFound(f"{user} has no {relation} relation to another user", hint="--by people")
    return list_of(row, "friends", question, FriendsItem)


def trending(
    client: GraphClient, user: str | None, question: Question, half_life_days: float = 7.0
) -> RecommendationList:
    """Return what is asked for more than before, without what ``user`` has seen.

    Raises:
        UsageError: The half-life is out of range.
    """
    name = "recommend/trending"
    row = candidate_rows(client, name, question, user=user, half_life=half_life_days)[0]
    return list_of(row, "trending", question, TrendingItem)


def popular(client: GraphClient, user: str | None, question: Question) -> RecommendationList:
    """Return what most events are on, without what ``user`` has seen."""
    row = candidate_rows(client, "recommend/popular", question, user=user)[0]
    return list_of(row, "popular", question, CountedItem)


def of_plugin(
    client: GraphClient, name: str, user: str | None, question: Question
) -> RecommendationList:
    """Return a list that a plug-in adds.

    Raises:
        NotFound: There is no such user, or its file could not be used.
    """
    full = f"{FOLDER}/{name}"
    if full not in catalogue():
        raise NotFound(f"the list {name} of a plug-in has no query", hint="its warning says why")
    row = candidate_rows(client, full, question, user=user)[0]
    return list_of(row if user is None else _known(row), name, question)


def provisional(client: GraphClient, user: str, question: Question) -> RecommendationList:
    """Return what can be recommended before any model is published, popular items at the end."""
    row = candidate_rows(client, "recommend/provisional", question, user=user)[0]
    found = list_of(row, "for-you", question)
    if not found.short:
        return found
    listed = {item.id for item in found.items}
    lowest = min((item.score for item in found.items), default=1.0)
    more = [
        Recommended(item.id, item.name, lowest * item.score, item.source)
        for item in popular(client, user, question).items
        if item.id not in listed
    ]
    return replace(found, items=(*found.items, *more)[: question.k])


def _known(row: Row) -> Row:
    if not row["known"]:
        raise NotFound(f"there is no user {row['subject']}", hint="ids are those of your files")
    return row
