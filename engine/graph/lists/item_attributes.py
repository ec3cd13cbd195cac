"""Give the items of lists the attributes that were asked for: one query (``cypher/browse``)."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from engine.graph.lists.recommendations import RecommendationList
from engine.store.graph_client import GraphClient


def with_attributes(
    client: GraphClient, lists: Sequence[RecommendationList], names: Sequence[str]
) -> list[RecommendationList]:
    """Return the lists with these attributes of their items; without names as they are."""
    if not names:
        return list(lists)
    ids = dict.fromkeys(item.id for one in lists for item in one.items)
    rows = client.ask("browse/attributes", ids=list(ids), names=list(names)) if ids else []
    found = {row["id"]: _plain(row["attributes"]) for row in rows}
    return [
        replace(one, attributes={item.id: found.get(item.id, {}) for item in one.items})
        for one in lists
    ]


def _plain(pairs: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return values as JSON knows them: dates and times as text, no number that is none."""
    values = {name: _plain_value(value) for name, value in pairs}
    return {name: value for name, value in values.items() if value is not None}


def _plain_value(value: Any) -> Any:
    if isinstance(value, list):
        return [one for one in map(_plain_value, value) if one is not None]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | bool | int | float) else str(value)
