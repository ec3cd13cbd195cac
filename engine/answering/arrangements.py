"""Put the items of lists in order by the arrangement of a question, over a pool of candidates."""

from dataclasses import replace

from engine.graph.lists import arrange, traits
from engine.graph.lists.question import MAX_K, Question
from engine.graph.lists.recommendations import RecommendationList
from engine.store.graph_client import GraphClient

_POOL, _LARGEST_POOL = 200, 500


def arranged(
    graph: GraphClient, found: RecommendationList, question: Question, user: str | None
) -> RecommendationList:
    """Put one list in order by the question's arrangement and cut it to its length."""
    known = traits_of(graph, [found], question, user)
    items = arrange.arrange([found.items], known, question.arrangement, question.k)
    return replace(found, items=tuple(items), asked=question.k)


def pooled(question: Question) -> Question:
    """Return the question for as many candidates as an arrangement wants."""
    if not question.arrangement:
        return question
    return replace(question, k=pool(question.k))


def traits_of(
    graph: GraphClient,
    lists: list[RecommendationList],
    question: Question,
    user: str | None,
    seen_may: bool = False,
) -> dict[str, traits.Traits]:
    """Return what an arrangement looks at, of every item of the lists that may be shown.

    Args:
        graph: Where from.
        lists: Of one generation.
        question: Its rules hold for what is pinned too.
        user: Id, or None.
        seen_may: Whether what the user has seen may be shown all the same.
    """
    how = question.arrangement
    if not how:
        return {}
    ids = dict.fromkeys([*how.pins, *(item.id for one in lists for item in one.items)])
    generation = next((one.generation for one in lists if one.generation is not None), None)
    if seen_may:
        question = replace(question, exclude_seen=False)
    return traits.of_items(graph, list(ids), question, user, generation)


def pool(k: int) -> int:
    """Return how many candidates are put in order for a list of ``k``."""
    return max(k, min(_LARGEST_POOL, max(_POOL, 4 * k), MAX_K))
