"""A list of numbers as one text cell: four bytes a number, as base64 behind a mark.

As JSON a vector of 4,096 numbers takes ten times as long to read and to write.
"""

import base64
import binascii
from collections.abc import Iterator

import numpy as np

from engine.data.arrays import Float32Array

PACKED = "\x1c"
"""A cell that begins with this holds numbers."""
_SHOWN = 3
_TYPE = np.dtype("<f4")


def pack(numbers: Float32Array) -> str:
    """Return ``(n,)`` numbers as a cell."""
    return PACKED + base64.b64encode(numbers.astype(_TYPE).tobytes()).decode("ascii")


def pack_all(numbers: Float32Array, lengths: Iterator[int | None]) -> Iterator[str | None]:
    """Yield cells of numbers that stand one list after the other; None for a length of None."""
    start = 0
    for length in lengths:
        if length is None:
            yield None
            continue
        yield pack(numbers[start : start + length])
        start += length


def unpack(cell: str) -> Float32Array | None:
    """Return the numbers of a cell, ``(n,) float32``, or None where it is not one of ``pack``'s."""
    if not cell.startswith(PACKED):
        return None
    try:
        numbers = np.frombuffer(base64.b64decode(cell[1:], validate=True), dtype=_TYPE)
    except (binascii.Error, ValueError):
        return None
    return numbers.astype(np.float32)


def shown(numbers: Float32Array) -> str:
    """Return the first numbers and how many there are, for people."""
    more = ", …" if len(numbers) > _SHOWN else ""
    return f"[{', '.join(map(str, numbers[:_SHOWN].tolist()))}{more}] of {len(numbers)} numbers"
