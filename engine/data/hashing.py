"""Hashes that are the same on every machine and in every version."""

import hashlib
from collections.abc import Iterable

import numpy as np

from engine.data.arrays import Int64Array, UInt64Array

_BYTES = 8


def hash64(text: str) -> int:
    """Return a signed 64-bit hash of a text."""
    return int(hash64_all([text])[0])


def hash64_all(texts: Iterable[str]) -> Int64Array:
    """Return the signed 64-bit hash of each text."""
    blake2b = hashlib.blake2b
    digests = [
        blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()
        for text in texts
    ]
    return np.frombuffer(b"".join(digests), dtype=">i8").astype(np.int64)


def mixed(values: Int64Array) -> UInt64Array:
    """Scatter the bits (the finalizer of SplitMix64), as a xor of hashes alone keeps order.

    Args:
        values: ``(n,)``; the result has the same shape.
    """
    bits = values.view(np.uint64).copy()
    bits ^= bits >> np.uint64(30)
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
