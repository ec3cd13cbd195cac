"""Recommend: one user, the items like one item, or every user into a file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from engine.answering.export import Export, Exported
from engine.answering.sources import Sources, answer, arranged, pooled
from engine.config import Settings
from engine.connections.session import open_graph
from engine.data.progress_callbacks import CountProgress, no_count
from engine.errors import Busy, UsageError
from engine.graph import census
from engine.graph.lists import item_neighbours, recommendations
from engine.graph.lists.recommendations import Question, RecommendationList
from engine.store.graph_client import GraphClient

Similarity = Literal["embedding", "bought-together", "next", "attributes"]

_SIMILAR: Mapping[str, Callable[[GraphClient, str, Question, str | None], RecommendationList]] = {
    "embedding": recommendations.similar_items,
    "next": item_neighbours.following,
    "attributes": item_neighbours.sharing_facts,
}
MAX_BASKET = 100
_PAGE = 1_000
_USERS_PER_QUERY = 25
_AT_ONCE = 2


def recommend(
    settings: Settings, user: str | None, question: Question, sources: Sources | None = None
) -> RecommendationList:
    """Return a list for one user; see ``recommend_with``."""
    with open_graph(settings) as graph:
        return recommend_with(graph, user, question, sources)


def recommend_with(
    graph: GraphClient, user: str | None, question: Question, sources: Sources | None = None
) -> RecommendationList:
    """Return a list for one user, from a graph that is open.

    Args:
        graph: The graph.
        user: Id; None for a list that needs nobody: ``trending``, ``popular``, ``likes``.
        question: How many, which may be shown, in what order.
        sources: Which lists answer; None: ``for-you`` alone.

    Raises:
        NotBuilt: The list rests on a model or a graph that is not there yet.
        NotFound: The list asked for cannot be made for another reason, and none fills in.
        UsageError: The list needs a user.
    """
    return answer(graph, user, question, sources or Sources())


def similar(
    settings: Settings,
    item: str | Sequence[str],
    question: Question,
    user: str | None = None,
    by: Similarity = "embedding",
) -> RecommendationList:
    """Return the items most like one, or that go with it; see ``similar_with``."""
    with open_graph(settings) as graph:
        return similar_with(graph, item, question, user, by)


def similar_with(
    graph: GraphClient,
    item: str | Sequence[str],
    question: Question,
    user: str | None = None,
    by: Similarity = "embedding",
) -> RecommendationList:
    """Return the items most like one, or that go with it; ``bought-together`` takes several.

    Raises:
        NotBuilt: Nothing is published, or the graph was never built.
        NotFound: There is no such item.
        UsageError: ``by`` is none of those, or takes one item only.
    """
    items = [item] if isinstance(item, str) else list(item)
    if len(items) != 1 and (by != "bought-together" or not items):
        raise UsageError(f"--by {by} takes one item", hint="--by bought-together takes several")
    if len(items) > MAX_BASKET:
        raise UsageError(f"a basket holds at most {MAX_BASKET} items")
    wide = pooled(question)
    if by == "bought-together":
        found = item_neighbours.bought_together(graph, items, wide, user)
    elif by in _SIMILAR:
        found = _SIMILAR[by](graph, items[0], wide, user)
    else:
        known = ", ".join([*_SIMILAR, "bought-together"])
        raise UsageError(f"items are not compared by {by}", hint=known)
    return arranged(graph, found, question, user)


def recommend_all(
    settings: Settings,
    out: Path,
    question: Question,
    report: CountProgress = no_count,
) -> Exported:
    """Write every user's list to ``out``; an interrupted call is continued by the same call.

    Raises:
        NotBuilt: Nothing is published.
        Busy: Another generation went into service meanwhile: call again.
        UsageError: The file's suffix is not known.
    """
    with open_graph(settings) as graph:
        generation = census.serving_generation(graph)
        if generation is None:
            raise recommendations.nothing_published()
        if question.arrangement:
            raise UsageError("lists for every user are not arranged", hint="leave pins and so on")
        asked = {
            **question.parameters(),
            "now": question.now,
            "seen_since": question.seen_days,  # in days: the clock goes on between two calls
            "generation": generation,
            "graph": graph.target.uri,
        }
        total = census.count(graph).users
        export = Export(out, asked)
        done = export.users
        report(done, total)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while page := recommendations.users_after(graph, export.after, _PAGE):
                lists = list(_lists(graph, pool, page, question))
                if any(one.generation != generation for one in lists):
                    raise Busy(
                        "another generation went into service meanwhile",
                        hint="run the same command again; it starts over with the new one",
                    )
                export.add(page[-1], lists)
                done += len(page)
                report(done, max(done, total))
        return export.finish()


def _lists(
    graph: GraphClient, pool: ThreadPoolExecutor, users: Sequence[str], question: Question
) -> Iterator[RecommendationList]:
    parts = [users[at : at + _USERS_PER_QUERY] for at in range(0, len(users), _USERS_PER_QUERY)]
    for lists in pool.map(lambda part: recommendations.for_users(graph, part, question), parts):
        yield from lists
