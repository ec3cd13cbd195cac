"""What a service asks of a graph that is open, beside the lists of ``recommend``."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import get_args

from engine.answering import users_and_reasons
from engine.answering.recommend import Similarity, recommend_with, similar_with
from engine.errors import NotFound
from engine.graph import browsing, census
from engine.graph.browsing import History, ListedUser
from engine.graph.lists.question import Question
from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class Reasons:
    """Why an item may suit a user.

    Attributes:
        generation: The one in service.
        why: A sentence, what it rests on, and paths.
    """

    generation: int | None
    why: users_and_reasons.Explanation


def why(graph: GraphClient, user: str, item: str, k: int) -> Reasons:
    """Return what joins a user to an item.

    Raises:
        NotFound: There is no such user or item.
    """
    return Reasons(
        census.serving_generation(graph), users_and_reasons.explain_with(graph, user, item, k)
    )


@dataclass(frozen=True)
class UserPage:
    """Users in the order of their ids, and whether others follow."""

    users: tuple[ListedUser, ...]
    more: bool


def users(graph: GraphClient, prefix: str, limit: int) -> UserPage:
    """Return the first users whose ids begin with ``prefix``."""
    found = browsing.users(graph, prefix, limit + 1)
    return UserPage(tuple(found[:limit]), len(found) > limit)


def history(graph: GraphClient, user: str, limit: int) -> History:
    """Return what a user did, the newest first.

    Raises:
        NotFound: There is no such user.
    """
    return browsing.history(graph, user, limit)


def warm(graph: GraphClient) -> None:
    """Ask once what users will ask, of nobody and about nothing: the server makes its plans."""
    question = Question(k=1)
    asked: list[Callable[[], object]] = [
        lambda: recommend_with(graph, "", question),
        *(partial(similar_with, graph, "", question, None, by) for by in get_args(Similarity)),
        lambda: why(graph, "", "", 1),
        lambda: users(graph, "", 1),
        lambda: history(graph, "", 1),
    ]
    for ask in asked:
        with suppress(NotFound):
            ask()
