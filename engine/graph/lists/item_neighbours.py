"""Items that go with an item, by the graphs between items and by facts (``cypher/similar``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from engine.errors import NotFound
from engine.graph.lists.recommendations import Question, RecommendationList, Recommended
from engine.store.graph_client import GraphClient

By = Literal["bought-together", "next", "attributes"]

_BUILD: Mapping[By, str] = {
    "bought-together": "engine graph build co-occurrence",
    "next": "engine graph build sequential",
    "attributes": "engine ingest --facts FILE",
}


@dataclass(frozen=True)
class CountedItem(Recommended):
    """An item of a list that rests on counting.

    Attributes:
        count: Baskets with both, times it came after, or facts shared.
    """

    count: int


@dataclass(frozen=True)
class TogetherItem(CountedItem):
    """An item bought together with another.

    Attributes:
        support: Share of all baskets that hold both.
        lift: How many times more often than if the two had nothing to do with each other.
    """

    support: float
    lift: float


def bought_together(
    client: GraphClient, items: Sequence[str], question: Question, user: str | None = None
) -> RecommendationList:
    """Return what shares baskets with all of ``items`` taken together, scores added up.

    Raises:
        NotFound: There is no such item, or the graph was never built.
    """
    found = client.ask(
        "similar/bought_together", items=list(items), user=user, **question.parameters()
    )[0]
    return _list(found, "bought-together", ", ".join(items), question, TogetherItem)


def following(
    client: GraphClient, item: str, question: Question, user: str | None = None
) -> RecommendationList:
    """Return what most often comes after an item in users' histories.

    Raises:
        NotFound: There is no such item, or the graph was never built.
    """
    found = client.ask("similar/next", item=item, user=user, **question.parameters())[0]
    return _list(found, "next", item, question, CountedItem)


def sharing_facts(
    client: GraphClient, item: str, question: Question, user: str | None = None
) -> RecommendationList:
    """Return the items that share the most telling facts with an item.

    Raises:
        NotFound: There is no such item, or it has no facts.
    """
    found = client.ask("similar/attributes", item=item, user=user, **question.parameters())[0]
    return _list(found, "attributes", item, question, CountedItem)


def _list(
    found: Mapping[str, Any], by: By, subject: str, question: Question, kind: type[CountedItem]
) -> RecommendationList:
    if found["unknown"]:
        raise NotFound(
            f"there is no item {found['unknown'][0]}", hint="engine recommend shows ids of items"
        )
    if found["state"] is None:
        said = "it has no facts" if by == "attributes" else "its graph was never built"
        raise NotFound(f"nothing goes with {subject} by {by}: {said}", hint=_BUILD[by])
    return RecommendationList(
        subject=subject,
        generation=None,
        basis=by,
        items=tuple(kind(**item) for item in found["found"]),
        asked=question.k,
        name=found["name"],
    )
