"""The generation in service: the training run that it was made of, and what it is worth tonight."""

from dataclasses import dataclass

from engine.evaluation.hold_out_window import WindowQuality
from engine.evaluation.protocols import EvaluationProtocol, SingleSplit, Window
from engine.graph.stored_generations import StoredGeneration
from engine.publishing.recorded_generations import records_of
from engine.store.registry import Registry
from engine.store.registry_records import Run

_ALL_OF_A_TIME = {Window.name, SingleSplit.name}


@dataclass(frozen=True)
class ServingMethod:
    """The generation in service on tonight's window.

    Attributes:
        name: As the rules call it.
        judged: None where it cannot be judged.
        how: By what it was judged, or why it was not.
        trained_for: The protocol that it was trained and chosen by, where it is not tonight's.
    """

    number: int
    name: str
    judged: WindowQuality | None
    how: str
    trained_for: str | None = None


def run_of(registry: Registry, generation: StoredGeneration) -> Run | None:
    """Return the run of a generation, or None where this registry did not make it.

    Each registry numbers its runs itself: in another home the number that the graph holds is that
    of another run.
    """
    made = records_of([generation], registry.generations()).get(generation.number)
    return None if made is None or made.run_id is None else registry.run(made.run_id)


def trained_for(run: Run, tonight: EvaluationProtocol) -> str | None:
    """Return the protocol of a run where it asks for something else than tonight's.

    A window and a split by time ask alike: for everything that happened after a cut.
    """
    then = str(run.settings.get("protocol", SingleSplit.name))
    return None if then == tonight.name or {then, tonight.name} <= _ALL_OF_A_TIME else then
