"""Prefetching: compute the next elements while the caller works on this one.

Threads end with the process: who stops early, as Ctrl-C does, does not wait for them.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")
ArgumentT = TypeVar("ArgumentT")


def prefetch_one(source: Iterator[T]) -> Iterator[T]:
    """Yield what ``source`` yields, prefetching one element in a thread; its errors are raised."""
    end: Any = object()
    coming = _computed(lambda: next(source, end))
    while (element := coming.result()) is not end:
        coming = _computed(lambda: next(source, end))
        yield element


def prefetch_several(
    compute: Callable[[ArgumentT], T], arguments: Iterable[ArgumentT], count: int
) -> Iterator[T]:
    """Yield what is computed of each argument, in their order, and prefetch ``count`` at once.

    Args:
        compute: Called in threads, so several times at once; its errors are raised.
        arguments: One for each element.
        count: How many are computed while the caller works on one.
    """
    coming: deque[Future[T]] = deque()
    for argument in arguments:
        coming.append(_computed(partial(compute, argument)))
        if len(coming) > count:
            yield coming.popleft().result()
    while coming:
        yield coming.popleft().result()


def _computed(compute: Callable[[], T]) -> "Future[T]":
    """Compute an element in a thread that ends with the process."""
    element: Future[T] = Future()

    def fill() -> None:
        try:
            element.set_result(compute())
        except BaseException as error:
            element.set_exception(error)

    threading.Thread(target=fill, daemon=True, name="prefetch").start()
    return element
