"""What a service answers, over a client that is open: the one place that knows the graph's verbs.

May import: ``graph``, ``store``, ``errors``.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Literal

from engine.errors import NotFound
from engine.graph import census, item_neighbours, knowledge, recommendations
from engine.graph.recommendations import Question, RecommendationList
from engine.store.graph_client import GraphClient

Similarity = Literal["embedding", "bought-together", "next", "attributes"]
_SIMILAR: Mapping[str, Callable[[GraphClient, str, Question, str | None], RecommendationList]] = {
    "embedding": recommendations.similar_items,
    "bought-together": lambda graph, item, question, user: item_neighbours.bought_together(
        graph, [item], question, user
    ),
    "next": item_neighbours.following,
    "attributes": item_neighbours.sharing_facts,
}


@dataclass(frozen=True)
class Explanation:
    """Why an item may suit a user.

    Attributes:
        generation: The one in service; the paths are facts and rest on no vectors.
        paths: Best first.
    """

    generation: int | None
    paths: tuple[knowledge.Path, ...]


def for_user(graph: GraphClient, user: str, question: Question) -> RecommendationList:
    """Return a list for one user.

    Raises:
        NotFound: Nothing is published.
    """
    return recommendations.for_users(graph, [user], question)[0]


def like_item(
    graph: GraphClient, item: str, question: Question, user: str | None, by: Similarity
) -> RecommendationList:
    """Return the items that are like one, or go with it, without what ``user`` has seen.

    Raises:
        NotFound: Nothing is published or built, or there is no such item.
    """
    return _SIMILAR[by](graph, item, question, user)


def for_basket(
    graph: GraphClient, items: Sequence[str], question: Question, user: str | None
) -> RecommendationList:
    """Return what is bought together with all of ``items``.

    Raises:
        NotFound: There is no such item, or the graph was never built.
    """
    return item_neighbours.bought_together(graph, items, question, user)


def why(graph: GraphClient, user: str, item: str, k: int) -> Explanation:
    """Return the paths from a user to an item.

    Raises:
        NotFound: There is no such user or item.
    """
    paths = tuple(knowledge.paths(graph, user, item, k))
    return Explanation(census.serving_generation(graph), paths)


def warm(graph: GraphClient) -> None:
    """Ask once what users will ask, of nobody and about nothing: the server makes its plans."""
    question = Question(k=1)
    asked: list[Callable[[], object]] = [
        lambda: for_user(graph, "", question),
        *(partial(verb, graph, "", question, None) for verb in _SIMILAR.values()),
        lambda: why(graph, "", "", 1),
    ]
    for ask in asked:
        with suppress(NotFound):
            ask()


def sentence(path: knowledge.Path, item: str) -> str:
    """Say a path as a sentence."""
    times = "once" if path.events == 1 else f"{path.events} times"
    shared = f"{path.type or 'entity'} {path.entity_name or path.entity}"
    return f"Had {path.via_name or path.via} {times}; {item} shares {shared} with it."
