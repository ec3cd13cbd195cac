"""What a publish did, for whoever asked for it."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Published:
    """What was put into service. A filter has edges, and nothing of what vectors have.

    Attributes:
        overlap: Share of the model's own top 20 that is served.
        entities: Entities with a vector: none of a model that learns from events alone.
        users_without: Users without an embedding: popularity decides for them.
        items_without: Items without one: only popularity and repeats can bring them up.
        not_in_graph: Ids of the model that the graph no longer has.
        removed: Older generations that are kept no longer.
        index_attributes: Attributes of items that its index looks at itself.
        edges: Most edges of an item, where a filter serves by them instead of vectors.
        in_service: False where it only waits for ``engine promote``.
        ranked: Whether a ranker puts its lists in order.
    """

    generation: int
    model: str
    dimension: int = 0
    users: int = 0
    items: int
    entities: int = 0
    users_without: int = 0
    items_without: int
    not_in_graph: int
    overlap: float = 1.0
    over_fetch: int = 0
    popular_fetch: int = 0
    index_attributes: tuple[str, ...] = ()
    m: int = 0
    ef_construction: int = 0
    search_milliseconds: float = 0.0
    removed: tuple[int, ...] = ()
    in_service: bool = False
    ranked: bool = False
    edges: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)
