"""Generations: list them, put another one into service, go back, remove old ones, who did what.

The graph's pointer is the truth; the registry mirrors it and is corrected from it here.
"""

import getpass
import os
import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any

from engine.config import Settings
from engine.connections.home import home_lock
from engine.data.pointer_move import PointerMove
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.errors import AlreadyThere, Busy, EngineError, NotFound, PublishRefused
from engine.graph import new_item_vectors, stored_generations
from engine.graph.lists import ranked
from engine.graph.stored_generations import MoveKind, MoveReason, StoredGeneration
from engine.publishing.generation_health import why_unservable
from engine.publishing.recorded_generations import records_of
from engine.store.graph_client import GraphClient
from engine.store.processes import ProcessIdentity, this_process
from engine.store.registry import Registry

_NUMBERS_TRIED = 100
# A process of another machine cannot be seen to end; no publish takes this long.
_OUT_OF_SIGHT_SECONDS = 86_400.0


@dataclass(frozen=True)
class Promotion:
    """Which generation serves now.

    Attributes:
        previous: The one before the call, None where nothing was in service.
        moved: False where it was in service already: nothing was done, nothing is in the audit.
    """

    generation: int
    previous: int | None
    moved: bool

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@contextmanager
def one_at_a_time(settings: Settings, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock of whoever writes or removes generations from this home.

    Raises:
        Busy: Another one is at work, and still is after ``wait_seconds``.
    """
    busy = Busy("another publish is running", hint="wait for it to end")
    with home_lock(settings, "publish.lock", busy, wait_seconds=wait_seconds):
        yield


def list_pointer_moves(graph: GraphClient, registry: Registry) -> list[PointerMove]:
    """Return every move of the pointer, newest first, those of graphs that are gone included."""
    mirror_to_registry(graph, registry)
    return registry.nights.flips()


def roll_back(graph: GraphClient, registry: Registry, to: int | None, why: MoveReason) -> Promotion:
    """Go back to the generation that was in service before, or to a given one.

    Raises:
        NotFound: Nothing is in service, or there is nothing to go back to.
        PublishRefused: The vectors or indexes of that generation are not whole.
    """
    to = previous_of(stored_generations.generations(graph)) if to is None else to
    return move_pointer(graph, registry, to, why)


def move_pointer(graph: GraphClient, registry: Registry, number: int, why: MoveReason) -> Promotion:
    """Check a generation, move the pointer to it, and let the registry follow.

    Raises:
        NotFound: The graph has no such generation.
        PublishRefused: Its vectors or indexes are not whole.
    """
    known = {one.number: one for one in stored_generations.generations(graph)}
    if number not in known:
        raise NotFound(
            f"generation {number} is not in the graph",
            hint="see which are: engine generations; publish it again: engine publish --run ID",
        )
    before = next((one.number for one in known.values() if one.serving), None)
    if fault := why_unservable(graph, known[number]):
        raise PublishRefused(
            f"generation {number} cannot serve: {fault}",
            hint="publish it again: engine publish --run ID; see: engine generations",
        )
    if known[number].settings.get("dimension"):
        with suppress(EngineError):
            ranked.warm_plan(graph, number)
    moved = stored_generations.promote(graph, number, why)
    with suppress(EngineError):  # the graph is the truth; the next look mends the mirror
        mirror_to_registry(graph, registry)
    with suppress(EngineError):  # they wait for the next load or publish
        new_item_vectors.place_again(graph)
    return Promotion(number, before, moved)


def mirror_to_registry(graph: GraphClient, registry: Registry) -> None:
    """Make the registry agree with the graph: what serves, and every move of the pointer."""
    registry.nights.copy_flips(stored_generations.pointer_moves(graph))
    known = stored_generations.generations(graph)
    records = registry.generations()
    in_service = records_of((one for one in known if one.serving), records)
    for record in records:
        if record.number in in_service and record.state != "serving":
            registry.mark_generation(record.number, "serving")
    for record in registry.generations():
        if record.state == "serving" and record.number not in in_service:
            registry.mark_generation(record.number, "retired")


def remove_old(
    graph: GraphClient,
    registry: Registry,
    keep: int,
    report: StageProgress = no_stage,
) -> tuple[int, ...]:
    """Remove what is kept no longer and what interrupted publishes left; mend the registry.

    The caller holds its home's lock of publishing; what another home is publishing into this graph
    is left alone, and so is what an experiment that runs needs, here or in another home.
    """
    mirror_to_registry(graph, registry)
    known = stored_generations.generations(graph)
    experiments = registry.experiments.generations()
    stored_generations.note_needed(graph, experiments)
    needed = {one.number for one in known if in_progress(one)} | experiments
    gone = stored_generations.leftovers(known, keep, needed, graph.target.home)
    for done, number in enumerate(gone):
        report("removing old generations", done, len(gone))
        stored_generations.remove(graph, number)
    records = registry.generations()
    left = records_of(stored_generations.generations(graph), records)
    for record in records:
        if record.state == "candidate" and record.number not in left:
            registry.mark_generation(record.number, "refused", "interrupted")
    return tuple(gone)


def create_candidate(
    graph: GraphClient, registry: Registry, model: str, settings: Mapping[str, Any] | None = None
) -> int:
    """Create a candidate's node under a number that neither graph nor registry has ever used.

    Args:
        graph: Where.
        registry: Whose numbers are taken too.
        model: Name of its model.
        settings: What else its node has from the start.

    Raises:
        Busy: Others took every number that was tried.
    """
    number = next_number(graph, registry)
    for _ in range(_NUMBERS_TRIED):
        try:
            stored_generations.create_candidate(
                graph, number, {"model": model, **(settings or {})} | _publisher()
            )
            return number
        except AlreadyThere:  # another home publishes into this graph at this moment
            number = max(number + 1, next_number(graph, registry))
    raise Busy(
        "other processes publish into this graph without a pause", hint="publish again later"
    )


@contextmanager
def removed_on_failure(graph: GraphClient, registry: Registry, number: int) -> Iterator[None]:
    """Remove a candidate when the block fails, whatever the exception; one that serves stays.

    What removal cannot reach, an unreachable server say, the next publish finds and removes.
    """
    try:
        yield
    except BaseException as error:
        message = error.message if isinstance(error, EngineError) else type(error).__name__
        with suppress(Exception):  # the first failure is the one to report
            stored_generations.remove(graph, number)
            registry.mark_generation(number, "refused", message)
        raise


def next_number(graph: GraphClient, registry: Registry) -> int:
    """Return a number that neither graph nor registry has ever used."""
    return max(registry.next_generation_number(), stored_generations.highest_number(graph) + 1)


def _publisher() -> dict[str, Any]:
    """Return the mark of this process, by which others see whether it still publishes."""
    mark = this_process()
    return {"host": mark.host, "pid": mark.pid, "process_started": mark.started}


def in_progress(one: StoredGeneration) -> bool:
    """Tell whether somebody may still be publishing it: a process lives, or is out of sight.

    What is complete and waits is that of its own process to remove.
    """
    if one.state not in ("candidate", "ready") or "pid" not in one.settings:
        return False
    mark = ProcessIdentity(*(one.settings[name] for name in ("host", "pid", "process_started")))
    if one.state == "ready" and _publisher()["pid"] == mark.pid and not mark.is_dead():
        return False
    age = time.time() - one.settings["created_at"] / 1_000
    return age < _OUT_OF_SIGHT_SECONDS and not mark.is_dead()


def reason(kind: MoveKind, why: str, who: str = "") -> MoveReason:
    """Return a reason in the name of ``who``, or of whoever runs this process."""
    return MoveReason(kind, author(who), why)


def author(who: str = "") -> str:
    """Return who a change is noted for: ``who``, or whoever runs this process, and the machine."""
    if who:
        return f"{who}@{platform.node()}"
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        user = str(os.getuid())
    return f"{user}@{platform.node()}"


def previous_of(known: list[StoredGeneration]) -> int:
    """Return the generation that was in service before the one that is.

    Raises:
        NotFound: Nothing is in service, or it is the first.
    """
    here = next((one for one in known if one.serving), None)
    if here is None:
        raise NotFound("nothing is in service", hint="engine train && engine publish")
    before: int | None = here.settings.get("previous")
    if before is None:
        raise NotFound(
            f"generation {here.number} is the first: there is nothing to go back to",
            hint="see which there are: engine generations; then: engine promote N",
        )
    return before
