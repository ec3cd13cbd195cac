"""The popular items of the generation in service, held in memory (``cypher/generation/popular``).

While no server answers, this is what a list is made of, whichever was asked for.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.data.dislikes import HeldDislikes
from engine.data.rules import HeldItem
from engine.graph import stored_dislikes
from engine.graph.lists import arrange
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import Basis, RecommendationList, Recommended
from engine.graph.lists.traits import Traits
from engine.store.graph_client import GraphClient

SERVED = "popular-from-memory"
_POOL = 500


@dataclass(frozen=True)
class PopularItems:
    """One look at the generation in service; best first.

    Attributes:
        dislikes: User to what of these items, and of facts, that user dislikes.
    """

    generation: int
    items: tuple[HeldItem, ...]
    dislikes: Mapping[str, HeldDislikes] = field(default_factory=dict)

    def without(self, items: Collection[str]) -> "PopularItems":
        """Return them without some."""
        return replace(self, items=tuple(one for one in self.items if one.id not in items))

    def with_dislikes(self, user: str, found: HeldDislikes | None) -> "PopularItems":
        """Return them with what a user dislikes now; None: nothing."""
        others = {name: one for name, one in self.dislikes.items() if name != user}
        return replace(self, dislikes=others if found is None else others | {user: found})

    def answer(self, question: Question, user: str | None = None) -> tuple[Recommended, ...]:
        """Return the first ``k`` that may be shown, arranged; memory has no vectors to arrange by.

        What ``question.undecided`` names is left open: no events are held.

        Args:
            question: What is asked.
            user: Whose dislikes are left out; None: nobody's.
        """
        disliked = self.dislikes.get(user or "", HeldDislikes())
        allowed = [
            one
            for one in self.items
            if question.allow_item(one) and not disliked.name(one.id, one.facts)
        ]
        how = question.arrangement
        known = {one.id: _traits(one, how.traits) for one in allowed}
        pool = [Recommended(one.id, one.name, one.score, "popular") for one in allowed[:_POOL]]
        return tuple(arrange.arrange([pool], known, how, question.k))

    def list(
        self, subject: str, asked: str, question: Question, user: str | None = None
    ) -> RecommendationList:
        """Return the answer to a question for the list ``asked``, and what was left open in it."""
        items = self.answer(question, user)
        reasons = [
            f"No database answered in time: these are popular items from memory instead of {asked}."
        ]
        if "exclude_seen" in question.undecided:
            reasons.append("What the user has seen may be among them.")
        if "not_shown_within" in question.undecided:
            reasons.append("What was shown of late may be among them.")
        if question.arrangement.mmr is not None:
            reasons.append("Variety (mmr) was not applied: no vectors are held in memory.")
        if question.attributes:
            reasons.append("Attributes are not held in memory.")
        if question.explore:
            reasons.append("Nothing is explored.")
        if len(items) < question.k:
            reasons.append(f"Memory holds the {len(self.items)} most popular items only.")
        basis = Basis(asked, SERVED)
        return RecommendationList(
            subject,
            self.generation,
            basis,
            items,
            question.k,
            reasons=tuple(reasons),
            listed=question.listed,
        )


def read(client: GraphClient) -> PopularItems | None:
    """Return the popular items, or None where nothing is published."""
    rows = client.read("generation/popular")
    if not rows:
        return None
    items = tuple(_held(row) for row in rows[0]["items"])
    disliked = stored_dislikes.held(client, [one.id for one in items])
    return PopularItems(rows[0]["generation"], items, disliked)


def _held(row: Mapping[str, Any]) -> HeldItem:
    return HeldItem(
        id=row["id"],
        name=row["name"],
        score=row["score"],
        events=row["events"],
        expires_at=row["expires_at"],
        attributes={
            one["name"]: frozenset(text for text in one["values"] if text is not None)
            for one in row["attributes"]
        },
        facts=None if row["facts"] is None else frozenset(row["facts"]),
    )


def _traits(item: HeldItem, names: list[str]) -> Traits:
    """Return what an arrangement looks at: attributes, or ids of entities of a type."""
    facts = item.facts or frozenset()
    values = {}
    for name in names:
        of_type = [key.removeprefix(f"{name}:") for key in facts if key.startswith(f"{name}:")]
        values[name] = sorted(item.attributes.get(name) or of_type)
    return Traits(item.id, item.name, item.events, values)
