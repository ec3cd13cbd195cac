"""The popular items of the generation in service, held in memory (``cypher/generation/popular``).

While no server answers, this is what a list is made of.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from engine.graph.lists.recommendations import Question, Recommended
from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class PopularItem:
    """An item as filters and the exclusion rule see it.

    Attributes:
        expires_at: Epoch milliseconds, None: never.
        attributes: Attribute to its values, as text; a plain value is a list of one.
    """

    id: str
    name: str | None
    score: float
    expires_at: int | None
    attributes: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class PopularItems:
    """One look at the generation in service; best first."""

    generation: int
    items: tuple[PopularItem, ...]

    def answer(self, question: Question) -> tuple[Recommended, ...]:
        """Return the first ``k`` that may be shown; what a user has seen is not known here."""
        now = int(time.time() * 1_000) if question.now is None else question.now
        shown = (one for one in self.items if _may_be_shown(one, question, now))
        return tuple(
            Recommended(one.id, one.name, one.score, "popular")
            for one, _ in zip(shown, range(question.k), strict=False)
        )


def read(client: GraphClient) -> PopularItems | None:
    """Return the popular items, or None where nothing is published."""
    rows = client.read("generation/popular")
    if not rows:
        return None
    return PopularItems(
        rows[0]["generation"],
        tuple(
            PopularItem(
                id=row["id"],
                name=row["name"],
                score=row["score"],
                expires_at=row["expires_at"],
                attributes={
                    one["name"]: frozenset(text for text in one["values"] if text is not None)
                    for one in row["attributes"]
                },
            )
            for row in rows[0]["items"]
        ),
    )


def _may_be_shown(item: PopularItem, question: Question, now: int) -> bool:
    if item.expires_at is not None and item.expires_at <= now:
        return False
    return all(
        not item.attributes.get(name, frozenset()).isdisjoint(allowed)
        for name, allowed in question.filters.items()
    )
