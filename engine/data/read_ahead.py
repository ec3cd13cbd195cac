"""Prefetching: compute the next element while the caller works on this one."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


def prefetch_one(source: Iterator[T]) -> Iterator[T]:
    """Yield what ``source`` yields, prefetching one element in a thread; its errors are raised.

    Who ends early, as Ctrl-C does, does not wait for an element that is still to come.
    """
    end = object()
    coming = _computed(source, end)
    while (element := coming.result()) is not end:
        coming = _computed(source, end)
        yield element


def _computed(source: Iterator[Any], end: object) -> "Future[Any]":
    """Compute the next element in a thread that ends with the process."""
    element: Future[Any] = Future()

    def compute() -> None:
        try:
            element.set_result(next(source, end))
        except BaseException as error:
            element.set_exception(error)

    threading.Thread(target=compute, daemon=True, name="prefetch").start()
    return element
