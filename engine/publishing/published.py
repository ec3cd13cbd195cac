"""What a publish did, for whoever asked for it."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Published:
    """What was put into service.

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
    dimension: int
    users: int
    items: int
    entities: int
    users_without: int
    items_without: int
    not_in_graph: int
    overlap: float
    over_fetch: int
    popular_fetch: int
    index_attributes: tuple[str, ...]
    m: int
    ef_construction: int
    search_milliseconds: float
    removed: tuple[int, ...]
    in_service: bool
    ranked: bool
    edges: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)
