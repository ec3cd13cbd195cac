"""What can be asked of an open graph: lists, items like others, reasons, users and histories.

This is all of the room that the service knows.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

from engine.answering import users_and_reasons
from engine.answering.arrangements import arranged, pooled
from engine.answering.current_user import current, of_current_user
from engine.answering.exploring import ExplorationPool, FindPool, exploration_pool, explored
from engine.answering.list_menu import ListChoice, choices
from engine.answering.many_users import ListsOfUsers, recommend_many
from engine.answering.reason_graph import draw
from engine.answering.rerankers import RERANKERS
from engine.answering.sources import SOURCES as LISTS
from engine.answering.sources import ListSource, Sources, recommend
from engine.answering.users_and_reasons import Explanation
from engine.answering.variant_lists import recommend_variant
from engine.errors import NotFound, UsageError
from engine.graph import browsing, census
from engine.graph.browsing import CatalogueItem, History, ListedUser, StoredDescription
from engine.graph.lists import item_neighbours, recommendations
from engine.graph.lists.item_attributes import with_attributes
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList
from engine.graph.stored_dislikes import DislikeEntry
from engine.graph.stored_dislikes import of_user as dislikes
from engine.store.graph_client import GraphClient

__all__ = [
    "LISTS",
    "RERANKERS",
    "BasketSimilarity",
    "CatalogueItem",
    "DislikeEntry",
    "Explanation",
    "ExplorationPool",
    "ItemPage",
    "ListChoice",
    "ListSource",
    "ListsOfUsers",
    "Reasons",
    "Similarity",
    "Sources",
    "StoredDescription",
    "UserPage",
    "choices",
    "description",
    "dislikes",
    "draw",
    "exploration_pool",
    "history",
    "items",
    "items_named",
    "recommend",
    "recommend_many",
    "recommend_variant",
    "similar",
    "users",
    "warm",
    "why",
]

Similarity = Literal[
    "embedding", "bought-together", "within-basket", "next", "attributes", "filter", "content"
]
BasketSimilarity = Literal["bought-together", "within-basket"]

_OfItem = Callable[[GraphClient, str, Question, str | None], RecommendationList]
_OfBasket = Callable[[GraphClient, Sequence[str], Question, str | None], RecommendationList]
_SIMILAR: Mapping[str, _OfItem] = {
    "embedding": recommendations.similar_items,
    "next": item_neighbours.following,
    "attributes": item_neighbours.sharing_facts,
    "filter": item_neighbours.by_filter,
    "content": item_neighbours.alike_in_content,
}
_OF_BASKETS: Mapping[str, _OfBasket] = {
    "bought-together": item_neighbours.bought_together,
    "within-basket": item_neighbours.within_basket,
}
MAX_BASKET = 100


def similar(
    graph: GraphClient,
    item: str | Sequence[str],
    question: Question,
    user: str | None = None,
    by: Similarity = "embedding",
    find_pool: FindPool = exploration_pool,
) -> RecommendationList:
    """Return the items most like one, or that go with it or with a basket.

    Args:
        graph: Where from.
        item: Id, or ids of a basket for ``bought-together`` and ``within-basket``.
        question: How many, which may be shown, in what order.
        user: Whose own items are left out, or for ``within-basket`` compete; None: nobody's.
        by: What makes two items alike.
        find_pool: Returns what is explored, where the question asks for that.

    Raises:
        NotBuilt: Nothing is published, or the graph was never built.
        NotFound: There is no such item.
        UsageError: ``by`` is none of those, or takes one item only.
    """
    items = [item] if isinstance(item, str) else list(item)
    if len(items) != 1 and (by not in _OF_BASKETS or not items):
        several = " and ".join(_OF_BASKETS)
        raise UsageError(f"--by {by} takes one item", hint=f"{several} take several")
    if len(items) > MAX_BASKET:
        raise UsageError(
            f"a basket holds at most {MAX_BASKET} items, not {len(items)}",
            hint="ask about fewer of them",
        )
    wide = pooled(question)
    user = None if user is None else current(graph, user)
    if by in _OF_BASKETS:
        found = _OF_BASKETS[by](graph, items, wide, user)
    elif by in _SIMILAR:
        found = _SIMILAR[by](graph, items[0], wide, user)
    else:
        known = ", ".join([*_SIMILAR, *_OF_BASKETS])
        raise UsageError(f"by must be one of {known}, not {by!r}")
    found = arranged(graph, found, question, user)
    if question.explore:
        found = explored(graph, found, question, user, find_pool(graph))
    return with_attributes(graph, [found], question.attributes)[0]


@dataclass(frozen=True)
class Reasons:
    """Why an item may suit a user.

    Attributes:
        generation: The one in service.
        why: A sentence, what it rests on, and paths.
    """

    generation: int | None
    why: Explanation


def why(graph: GraphClient, user: str, item: str, k: int) -> Reasons:
    """Return what joins a user to an item.

    Raises:
        NotFound: There is no such user or item.
    """
    return Reasons(
        census.serving_generation(graph), users_and_reasons.explain(graph, user, item, k)
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


def users_named(graph: GraphClient, text: str, limit: int) -> UserPage:
    """Return the users whose names have every word of a text, the best match first."""
    found = browsing.users_named(graph, text, limit + 1)
    return UserPage(tuple(found[:limit]), len(found) > limit)


@dataclass(frozen=True)
class ItemPage:
    """Items of a search, and whether others follow."""

    items: tuple[CatalogueItem, ...]
    more: bool


def items(graph: GraphClient, limit: int, *, prefix: str = "", after: str = "") -> ItemPage:
    """Return the first items whose ids begin with ``prefix`` and come after ``after``."""
    found = browsing.items(graph, prefix, after, limit + 1)
    return ItemPage(tuple(found[:limit]), len(found) > limit)


def items_named(graph: GraphClient, text: str, limit: int) -> ItemPage:
    """Return the items whose names have every word of a text, the best match first."""
    found = browsing.items_named(graph, text, limit + 1)
    return ItemPage(tuple(found[:limit]), len(found) > limit)


def description(graph: GraphClient, label: Literal["User", "Item"], id_: str) -> StoredDescription:
    """Return attributes and facts of a user or an item.

    Raises:
        NotFound: There is none of that id.
    """
    if label == "User":
        return of_current_user(graph, id_, lambda user: browsing.description(graph, label, user))
    return browsing.description(graph, label, id_)


def history(graph: GraphClient, user: str, limit: int) -> History:
    """Return what a user did, the newest first.

    Raises:
        NotFound: There is no such user.
    """
    return of_current_user(graph, user, lambda id_: browsing.history(graph, id_, limit))


def warm(graph: GraphClient) -> None:
    """Ask once what users will ask, of nobody and about nothing: the server makes its plans."""
    question = Question(k=1)
    asked: list[Callable[[], object]] = [
        lambda: recommend(graph, "", question),
        *(partial(similar, graph, "", question, None, by) for by in get_args(Similarity)),
        lambda: why(graph, "", "", 1),
        lambda: users(graph, "", 1),
        lambda: history(graph, "", 1),
        lambda: items(graph, 1),
        lambda: items_named(graph, "tea", 1),
        lambda: description(graph, "Item", ""),
        lambda: description(graph, "User", ""),
    ]
    for ask in asked:
        with suppress(NotFound):
            ask()
