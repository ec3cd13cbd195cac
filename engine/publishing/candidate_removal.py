"""A candidate whose publishing fails leaves nothing behind, whatever the exception."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from engine.errors import EngineError
from engine.graph import stored_generations
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry


@contextmanager
def removed_on_failure(graph: GraphClient, registry: Registry, number: int) -> Iterator[None]:
    """Remove a candidate when the block fails, whatever the exception; one that serves stays.

    What removal cannot reach, an unreachable server say, the next publish finds and removes.
    """
    try:
        yield
    except BaseException as error:
        message = error.message if isinstance(error, EngineError) else type(error).__name__
        with suppress(Exception):  # the first failure is what the caller must hear of
            stored_generations.remove(graph, number)
            registry.mark_generation(number, "refused", message)
        raise
