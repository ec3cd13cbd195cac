"""Which attributes of items group them, and which group each item is in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from engine.data.arrays import Int32Array
from engine.ranking.candidates import GROUPS

_FEWEST_ITEMS = 5.0
"""Items that share a value, on average: below it says next to nothing of other items."""


def grouping_attributes(attributes: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the ``GROUPS`` attributes, or fewer, with most values that several items share.

    Args:
        attributes: Item to its attributes; lists group nothing.
    """
    values: dict[str, dict[str, int]] = {}
    for own in attributes.values():
        for name, value in own.items():
            if not isinstance(value, list):
                counts = values.setdefault(name, {})
                counts[str(value)] = counts.get(str(value), 0) + 1
    shared = {
        name: len(counts)
        for name, counts in values.items()
        if len(counts) > 1 and sum(counts.values()) >= _FEWEST_ITEMS * len(counts)
    }
    return tuple(sorted(shared, key=lambda name: (-shared[name], name))[:GROUPS])


def groups_of(
    names: Sequence[str], items: Iterable[str], attributes: Mapping[str, Mapping[str, Any]]
) -> Int32Array:
    """Return the group of each item by each attribute, ``(m, GROUPS) int32``; -1 for none.

    Args:
        names: Attributes, ``GROUPS`` at most.
        items: Ids, in the order of the rows.
        attributes: Item to its attributes.
    """
    ids = list(items)
    result = np.full((len(ids), GROUPS), -1, dtype=np.int32)
    for column, name in enumerate(names):
        numbers: dict[str, int] = {}
        for row, id_ in enumerate(ids):
            value = attributes.get(id_, {}).get(name)
            if value is not None and not isinstance(value, list):
                result[row, column] = numbers.setdefault(str(value), len(numbers))
    return result
