"""The training run that a generation in the graph was made of."""

from engine.graph.stored_generations import StoredGeneration
from engine.store.registry import Registry
from engine.store.registry_records import Run


def run_of(registry: Registry, generation: StoredGeneration) -> Run | None:
    """Return the run of a generation, or None where this registry did not make it.

    Each registry numbers its runs itself: in another home the number that the graph holds is that
    of another run.
    """
    number = generation.settings.get("run")
    made = next((one for one in registry.generations() if one.number == generation.number), None)
    if number is None or made is None or made.run_id != int(number):
        return None
    return registry.run(made.run_id)
