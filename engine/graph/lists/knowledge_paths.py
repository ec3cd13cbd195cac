"""Explain a recommendation by paths over the knowledge graph (``cypher/knowledge``)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.errors import NotFound
from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class KnowledgePath:
    """User, own item, entity, item.

    Attributes:
        score: weight / ln(1 + facts that point to the entity).
        via: Id of the own item.
        events: How many events the user has on it.
        weight: Those events, each by kind and age.
        first: Relation from the own item to the entity.
        entity: Id of the entity.
        type: Its type, such as ``Brand``.
        second: Relation from the item to the entity.
    """

    score: float
    via: str
    via_name: str | None
    events: int
    weight: float
    first: str
    entity: str
    entity_name: str | None
    type: str | None
    second: str


@dataclass(frozen=True)
class EventDecay:
    """How events are weighed.

    Attributes:
        half_life_days: Age at which an event counts half.
        kinds: Kind of event to factor, 1 where there is none.
        now: Epoch milliseconds; None: the user's newest event.
    """

    half_life_days: float = 90.0
    kinds: Mapping[str, float] = field(default_factory=dict)
    now: int | None = None


def paths(
    client: GraphClient, user: str, item: str, k: int = 5, weighing: EventDecay | None = None
) -> list[KnowledgePath]:
    """Return the ``k`` best paths from a user to an item; none where they share nothing.

    Raises:
        NotFound: There is no such user or item.
        UsageError: k or a number of ``weighing`` is out of range.
    """
    weighing = weighing or EventDecay()
    rows = client.ask(
        "knowledge/paths",
        user=user,
        item=item,
        k=k,
        half_life=weighing.half_life_days,
        kinds=dict(weighing.kinds),
        now=weighing.now,
    )
    if not rows:
        ends = client.read("query/ends", user=user, item=item)[0]
        for what, id_ in (("user", user), ("item", item)):
            if not ends[what]:
                raise NotFound(f"there is no {what} {id_}", hint="ids are those of your files")
    return [KnowledgePath(**row) for row in rows]
