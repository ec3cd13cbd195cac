"""Generations that running experiments show, noted in the graph: no other home removes them."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from engine.errors import EngineError
from engine.graph import stored_generations
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry


@contextmanager
def kept(graph: GraphClient, registry: Registry, numbers: Collection[int]) -> Iterator[None]:
    """Have nobody remove generations of which the block starts an experiment.

    Where it fails, what the registry's experiments need is left noted, and no more.
    """
    stored_generations.note_needed(graph, registry.experiments.generations() | set(numbers))
    try:
        yield
    except BaseException:
        note(graph, registry)
        raise


def note(graph: GraphClient, registry: Registry) -> None:
    """Note what the experiments that run need; what fails here, the next publish makes good."""
    with suppress(EngineError):
        stored_generations.note_needed(graph, registry.experiments.generations())
