"""A list of one Cypher file, and another order for any list."""

from collections.abc import Sequence
from pathlib import Path

from engine.extension import ListQuery, Recommended

OVERLOOKED = ListQuery(
    Path(__file__).with_name("overlooked.cypher"), "Items that few have had", needs_user=False
)


def by_name(items: Sequence[Recommended], user: str | None) -> Sequence[Recommended]:
    """Return the items in the order of the alphabet."""
    return sorted(items, key=lambda item: item.name or item.id)
