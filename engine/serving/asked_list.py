"""What a request for a list asks, and what is remembered of its answer."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from typing import Any

from engine.answering.answers import Sources
from engine.data.list_id import list_time
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList
from engine.graph.remembered_lists import RememberedList

_MOST_VALUES = 50
_TOLD_OTHERWISE = ("by", "listed")


@dataclass(frozen=True)
class AskedList:
    """One list that is asked for.

    Attributes:
        subject: Whom or what it is about.
        by: Which list.
        user: For whom; None: for nobody in particular.
        named: The name under which it was asked for, where it has one.
    """

    subject: str
    by: str
    question: Question
    user: str | None = None
    sources: Sources = field(default_factory=Sources)
    named: str | None = None

    def remembered(self, found: RecommendationList) -> RememberedList:
        """Return what is remembered of an answer."""
        options = _beside_defaults(self.question) | _beside_defaults(self.sources)
        if self.subject != (self.user or ""):
            options["about"] = self.subject
        return RememberedList(
            id=found.list_id,
            # Of the id, so that lists of a time and ids of a time are the same.
            at=list_time(found.list_id) or 0,
            user=self.user or None,
            by=self.by,
            named=self.named,
            generation=found.generation,
            options=json.dumps(options, ensure_ascii=False, default=_plain),
            items=tuple(one.id for one in found.items),
            sources=tuple(one.source for one in found.items),
            variant=None if found.variant is None else str(found.variant),
            first=len(found.listed) + 1,
            propensities=found.propensities,
        )


def _beside_defaults(asked: Question | Sources) -> dict[str, Any]:
    """Return what is not as it would be if nobody had said anything; many ids as their number."""
    default = type(asked)()
    given = {one.name: getattr(asked, one.name) for one in fields(asked)}
    return {
        name: f"{len(value)} values" if _is_long(value) else value
        for name, value in given.items()
        if value != getattr(default, name) and name not in _TOLD_OTHERWISE
    }


def _is_long(value: object) -> bool:
    return isinstance(value, Collection) and len(value) > _MOST_VALUES


def _plain(value: object) -> Any:
    return vars(value) if hasattr(value, "__dict__") else str(value)
