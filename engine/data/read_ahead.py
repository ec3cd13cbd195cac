"""Prefetching: compute the next element while the caller works on this one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def prefetch_one(source: Iterator[T]) -> Iterator[T]:
    """Yield what ``source`` yields, prefetching one element in a thread; its errors are raised."""
    end = object()
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, source, end)
        while (element := coming.result()) is not end:
            coming = pool.submit(next, source, end)
            yield element  # type: ignore[misc]
