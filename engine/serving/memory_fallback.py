"""Lists while no database answers, or not in time: popular items from memory, which say so."""

import logging
from collections.abc import Callable
from typing import TypeVar

from engine.errors import StoreError, Unreachable
from engine.graph.lists.popular_items import PopularItems
from engine.serving.dependencies import AppContext
from engine.serving.problems import unavailable
from engine.store.graph_client import GraphClient

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


async def graph_or_memory(
    context: AppContext,
    work: Callable[[GraphClient], T],
    stand_in: Callable[[PopularItems], T],
    seconds: float | None = None,
) -> tuple[T, bool]:
    """Return what the graph answers, or what memory does, and whether memory did.

    Args:
        context: The service.
        work: Asks the graph.
        stand_in: Makes the same of the popular items in memory.
        seconds: How long the graph may take; None: as long as any answer.

    Raises:
        Problem: 503, memory holds nothing, or every thread is at work.
    """
    graph = context.service.graph
    try:
        return await context.reads.run(lambda: graph.ask(work), seconds), False
    except TimeoutError:
        graph.mark_unavailable()
        cause = "slow"
    except StoreError as error:
        if not isinstance(error, Unreachable):
            _LOG.warning("a list failed: %s", error.message)
        cause = "away" if isinstance(error, Unreachable) else "failed"
    held = graph.popular
    if held is None:
        raise unavailable("the database does not answer now")
    context.metrics.degraded.labels(cause).inc()
    return stand_in(held), True
