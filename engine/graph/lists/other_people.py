"""Lists made of what other people did: alike, friends, trending, popular (``cypher/recommend``)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import NotFound
from engine.graph.lists.item_neighbours import CountedItem
from engine.graph.lists.own_history import NextItem
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList, Recommended
from engine.store.graph_client import GraphClient


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
    row = client.ask("recommend/people", user=user, **question.parameters())[0]
    return _list(row, user, question, CountedItem)


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
    row = client.ask(
        "recommend/friends", {"relation": relation}, user=user, **question.parameters()
    )[0]
    if row["known"] and not row["friends"]:
        raise NotFound(f"{user} has no {relation} to start from", hint="--by people")
    return _list(row, user, question, FriendsItem)


def trending(
    client: GraphClient, user: str | None, question: Question, half_life_days: float = 7.0
) -> RecommendationList:
    """Return what is asked for more than before, without what ``user`` has seen.

    Raises:
        UsageError: The half-life is out of range.
    """
    row = client.ask(
        "recommend/trending", user=user, half_life=half_life_days, **question.parameters()
    )[0]
    return _list(row | {"known": True}, user or "everybody", question, TrendingItem)


def popular(client: GraphClient, user: str | None, question: Question) -> RecommendationList:
    """Return what most events are on, without what ``user`` has seen."""
    row = client.ask("recommend/popular", user=user, **question.parameters())[0]
    return _list(row | {"known": True}, user or "everybody", question, CountedItem)


def _list(
    row: Mapping[str, Any], user: str, question: Question, kind: type[Recommended]
) -> RecommendationList:
    if not row["known"]:
        raise NotFound(f"there is no user {user}", hint="ids are those of your files")
    items = tuple(kind(**item) for item in row["items"])
    return RecommendationList(user, row["generation"], row["basis"], items, question.k)
