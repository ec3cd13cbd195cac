"""Calls of the driver, mapped to errors of ours and tried again where that is known to help."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from engine.errors import TransientFailure
from engine.store.driver_errors import DRIVER_FAILURES, cause_of, translate

T = TypeVar("T")
# A deadlock that the driver did not retry, for its clean-up failed too: seen once in hundreds.
_RACES = 10
_AUTO_COMMITS = 8


def mapped(call: Callable[[], T]) -> T:
    """Call, and raise what the driver raises as an error of ours.

    Raises:
        TransientFailure: A transaction was rolled back at every try.
    """
    for _ in range(_RACES):
        try:
            return call()
        except DRIVER_FAILURES as error:
            cause = cause_of(error)
            if cause is error or not cause.is_retryable():
                raise translate(cause) from error
    raise TransientFailure(
        "a transaction of the Neo4j server was rolled back at every try: "
        "other writers lock the same nodes",
        hint="try again",
    )


def again_after_transient(call: Callable[[], T]) -> T:
    """Call again after a transient error; the driver does so for transactions it begins itself."""
    for attempt in range(1, _AUTO_COMMITS):
        try:
            return call()
        except TransientFailure:
            # Two who failed together must not meet again.
            time.sleep(random.uniform(0.05, 0.1) * attempt)
    return call()
