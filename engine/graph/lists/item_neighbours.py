"""Items that go with an item, by edges, facts and vectors (``cypher/similar``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from engine.errors import NotBuilt, NotFound
from engine.graph import content_index
from engine.graph.lists.recommendations import (
    Question,
    RecommendationList,
    Recommended,
    list_of,
)
from engine.graph.lists.refill import candidate_rows
from engine.store.graph_client import GraphClient, Row

NeighbourMethod = Literal[
    "bought-together", "within-basket", "next", "attributes", "filter", "content"
]

_INDEXED_UP_TO, _FETCH = 100, 500
"""A longer list by content compares all items; of a shorter one so many are fetched by a vector."""
_BUILD: Mapping[NeighbourMethod, str] = {
    "bought-together": "engine graph build co-occurrence",
    "within-basket": "engine graph build co-occurrence",
    "next": "engine graph build sequential",
    "attributes": "engine ingest --facts FILE",
    "filter": "engine train --model item-knn; then: engine publish",
    "content": "load lists of numbers with: engine ingest --items FILE, or ask --by attributes",
}


@dataclass(frozen=True)
class CountedItem(Recommended):
    """An item of a list that rests on counting.

    Attributes:
        count: Baskets with both, times it came after, facts shared, or vectors compared.
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
        NotBuilt: The graph of what shares baskets was never built.
        NotFound: There is no such item.
    """
    name = "similar/bought_together"
    row = candidate_rows(client, name, question, items=list(items), user=user)[0]
    return _list(row, "bought-together", question, TogetherItem)


def within_basket(
    client: GraphClient, items: Sequence[str], question: Question, user: str | None = None
) -> RecommendationList:
    """Return what else goes into a basket of ``items``: what shares baskets, and its user's habits.

    The user's own items compete; ``exclude_seen`` counts only where the question says since when,
    or which kinds of event, are use.

    Raises:
        NotBuilt: The graph of what shares baskets was never built.
        NotFound: There is no such item.
    """
    if question.seen_days is None and not question.seen_events:
        question = replace(question, exclude_seen=False)
    name = "similar/within_basket"
    row = candidate_rows(client, name, question, items=list(items), user=user)[0]
    return _list(row, "within-basket", question, CountedItem)


def following(
    client: GraphClient, item: str, question: Question, user: str | None = None
) -> RecommendationList:
    """Return what most often comes after an item in users' histories.

    Raises:
        NotBuilt: The graph of what follows what was never built.
        NotFound: There is no such item.
    """
    row = candidate_rows(client, "similar/next", question, item=item, user=user)[0]
    return _list(row, "next", question, CountedItem)


def sharing_facts(
    client: GraphClient, item: str, question: Question, user: str | None = None
) -> RecommendationList:
    """Return the items that share the most telling facts with an item.

    Raises:
        NotFound: There is no such item, or it has no facts.
    """
    row = candidate_rows(client, "similar/attributes", question, item=item, user=user)[0]
    return _list(row, "attributes", question, CountedItem)


def by_filter(
    client: GraphClient, item: str, question: Question, user: str | None = None
) -> RecommendationList:
    """Return where the filter in service leads from an item, strongest edges first.

    Raises:
        NotBuilt: What is in service is no filter, or nothing is.
        NotFound: There is no such item.
    """
    row = candidate_rows(client, "similar/filter", question, item=item, user=user)[0]
    return _list(row, "filter", question, Recommended)


def alike_in_content(
    client: GraphClient, item: str, question: Question, user: str | None = None
) -> RecommendationList:
    """Return the items nearest to an item by the vectors that a user brought: cosine.

    Where these are indexed (``content_index``) the nearest of each index are compared, otherwise,
    or where too few of them may be shown, all items.

    Raises:
        NotFound: There is no such item, or it has no vector.
    """
    among = None
    if question.k <= _INDEXED_UP_TO and (indexed := content_index.widths(client)):
        among = content_index.nearest(client, item, indexed, _FETCH)
    given: dict[str, Any] = {"item": item, "user": user}
    row = candidate_rows(client, "similar/content", question, **given, among=among)[0]
    if among is not None and len(row["items"]) < question.k:
        row = candidate_rows(client, "similar/content", question, **given)[0]
    return _list(row, "content", question, CountedItem)


def _list(
    row: Row, by: NeighbourMethod, question: Question, kind: type[Recommended]
) -> RecommendationList:
    subject = row["subject"]
    if not row["known"]:
        raise NotFound(f"there is no item {subject}", hint="engine recommend shows ids of items")
    if row["basis"] == "not-built" and by == "filter":
        if row["generation"] is None:
            raise NotBuilt("nothing is published yet", hint=_BUILD[by])
        raise NotBuilt("what is in service is no filter: it has no edges", hint=_BUILD[by])
    if row["basis"] == "not-built":
        raise NotBuilt(
            f"nothing goes with {subject} by {by}: its graph was never built", hint=_BUILD[by]
        )
    if row["basis"] == "no-facts":
        raise NotFound(f"nothing goes with {subject} by {by}: it has no facts", hint=_BUILD[by])
    if row["basis"] == "no-vectors":
        raise NotFound(f"nothing goes with {subject} by {by}: it has no vector", hint=_BUILD[by])
    return list_of(row | {"basis": by}, by, question, kind)
