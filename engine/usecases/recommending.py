"""Ask for recommendations: a user's list, items like others, users, reasons, every user's list."""

from collections.abc import Sequence
from pathlib import Path

from engine import private_files
from engine.answering import answers, users_and_reasons
from engine.answering import sources as list_sources
from engine.answering.answers import Similarity
from engine.answering.exported import Exported
from engine.answering.sources import SOURCES, ListSource, Sources, needs_user
from engine.answering.users_and_reasons import Explanation, SimilarUsers
from engine.config import Settings
from engine.connections.session import open_graph
from engine.data.progress_callbacks import CountProgress, no_count
from engine.graph.lists.people import PeopleMethod
from engine.graph.lists.question import Arrangement, Boost, Question
from engine.graph.lists.recommendations import RecommendationList, Recommended

__all__ = [
    "SOURCES",
    "Arrangement",
    "Boost",
    "Explanation",
    "Exported",
    "ListSource",
    "PeopleMethod",
    "Question",
    "RecommendationList",
    "Recommended",
    "SimilarUsers",
    "Similarity",
    "Sources",
    "explain",
    "needs_user",
    "recommend",
    "recommend_all",
    "recommend_users",
    "similar",
]


def recommend(
    settings: Settings, user: str | None, question: Question, sources: Sources | None = None
) -> RecommendationList:
    """Return a list for one user, or for nobody in particular.

    Args:
        settings: Which graph.
        user: Id; None for a list that needs nobody: ``trending``, ``popular``, ``likes``.
        question: How many, which may be shown, in what order.
        sources: Which lists answer; None: ``for-you`` alone.

    Raises:
        NotBuilt: The list rests on a model or a graph that is not there yet.
        NotFound: The list asked for cannot be made for another reason, and none fills in.
        UsageError: The list needs a user.
    """
    with open_graph(settings) as graph:
        return list_sources.recommend(graph, user, question, sources)


def similar(
    settings: Settings,
    item: str | Sequence[str],
    question: Question,
    user: str | None = None,
    by: Similarity = "embedding",
) -> RecommendationList:
    """Return the items most like one, or that go with it; ``bought-together`` takes several.

    Args:
        settings: Which graph.
        item: Id, or ids of a basket.
        question: How many, which may be shown, in what order.
        user: Whose own items are left out; None leaves none out.
        by: What makes two items alike.

    Raises:
        NotBuilt: Nothing is published, or the graph was never built.
        NotFound: There is no such item.
        UsageError: ``by`` takes one item only.
    """
    with open_graph(settings) as graph:
        return answers.similar(graph, item, question, user, by)


def recommend_all(
    settings: Settings,
    out: Path,
    question: Question,
    report: CountProgress = no_count,
) -> Exported:
    """Write every user's list to ``out``; an interrupted call is continued by the same call.

    Args:
        settings: Which graph.
        out: A file that ends in .parquet, .csv or .jsonl.
        question: How many and which may be shown; nothing is arranged.
        report: Called with users done and users in all.

    Raises:
        NotBuilt: Nothing is published.
        Busy: Another generation went into service meanwhile: call again.
        UsageError: The file's suffix is not known.
    """
    from engine.answering import export  # noqa: PLC0415 PyArrow, which no list of one user needs

    private_files.privately_within(settings.home, out)
    with open_graph(settings) as graph:
        return export.recommend_all(graph, out, question, report)


def recommend_users(
    settings: Settings, user: str, by: PeopleMethod, k: int, relation: str | None = None
) -> SimilarUsers:
    """Return users for a user; without a relation, the only one between users is taken.

    Raises:
        NotFound: There is no such user, relation or vector.
        UsageError: Several relations join users, or k is out of range.
    """
    with open_graph(settings) as graph:
        return users_and_reasons.recommend_users(graph, user, by, k, relation)


def explain(settings: Settings, user: str, item: str, k: int = 5) -> Explanation:
    """Return why an item may suit a user, with the best ``k`` paths.

    Raises:
        NotFound: There is no such user or item.
        UsageError: k is out of range.
    """
    with open_graph(settings) as graph:
        return users_and_reasons.explain(graph, user, item, k)
