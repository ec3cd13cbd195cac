"""A row of numbers of an item as bytes, as it is stored with a generation.

A list of twelve numbers per item costs the server and the driver three times as much as the same
numbers as one value.
"""

from collections.abc import Sequence

import numpy as np

from engine.data.arrays import Float64Array, Int32Array
from engine.ranking.candidates import GROUPS
from engine.ranking.item_statistics import STATISTICS

_WIDTH = 4 * (len(STATISTICS) + GROUPS)


def packed(statistics: Float64Array, groups: Int32Array) -> list[bytes]:
    """Return the bytes of each item: its statistics as float32, then its groups as int32.

    Args:
        statistics: ``(m, len(STATISTICS)) float64``.
        groups: ``(m, GROUPS) int32``.
    """
    numbers = np.ascontiguousarray(statistics, dtype="<f4").view("<i4")
    rows = np.concatenate([numbers, groups.astype("<i4")], axis=1).tobytes()
    return [rows[at : at + _WIDTH] for at in range(0, len(rows), _WIDTH)]


def unpacked(rows: Sequence[bytes | None]) -> tuple[Float64Array, Int32Array]:
    """Return statistics and groups; an item without any was not there when they were made."""
    whole = b"".join([row if row and len(row) == _WIDTH else _UNKNOWN for row in rows])
    table = np.frombuffer(whole, dtype="<i4").reshape(len(rows), _WIDTH // 4)
    statistics = np.ascontiguousarray(table[:, : len(STATISTICS)]).view("<f4")
    return statistics.astype(np.float64), table[:, len(STATISTICS) :].astype(np.int32)


# Nothing is known of it: nobody had it, and nobody came back.
_UNKNOWN = packed(
    np.array([[np.nan if name == "days_between" else 0.0 for name in STATISTICS]]),
    np.full((1, GROUPS), -1, dtype=np.int32),
)[0]
