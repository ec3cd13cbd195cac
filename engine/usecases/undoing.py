"""Undo what was loaded by mistake: list the loads, take out batches, loads, or a file's events."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.config import Settings
from engine.connections.session import open_graph
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.reading.read_options import ReadOptions
from engine.errors import NotFound, UsageError
from engine.graph import load_undo
from engine.graph.load_undo import WrittenLoad
from engine.loading import retracted_events
from engine.loading.retracted_events import RetractReport
from engine.publishing import item_graphs
from engine.store.graph_client import GraphClient
from engine.usecases.forgetting import undisturbed

__all__ = ["RetractReport", "UndoReport", "WrittenLoad", "list_loads", "retract", "undo"]


@dataclass(frozen=True)
class UndoReport:
    """What was undone.

    Attributes:
        batches: Their numbers.
        relations: Events and facts that were taken out.
        nodes: Users and items of whom nothing but an id was left.
        described: Nodes that got attributes by these batches, and keep them: what was there before
            is not known.
        graphs: As ``RetractReport.graphs``.
    """

    batches: tuple[int, ...]
    relations: int
    nodes: int
    described: int
    graphs: dict[str, int | str]


def list_loads(settings: Settings, limit: int = 20) -> list[WrittenLoad]:
    """Return the loads that left batches in the graph, newest first."""
    with open_graph(settings) as graph:
        return load_undo.loads(graph, limit)


def undo(
    settings: Settings,
    batches: Sequence[int],
    loads: Sequence[int] = (),
    report: StageProgress = no_stage,
) -> UndoReport:
    """Take out the events and facts of batches; again, it changes nothing.

    Args:
        settings: Which graph.
        batches: Numbers of batches.
        loads: Numbers of loads, all batches of each.
        report: Called with what is being done.

    Raises:
        UsageError: Nothing is named.
        NotFound: There is no such batch or load; nothing is undone.
        Busy: A night, a load or a publish is at work.
    """
    if not batches and not loads:
        raise UsageError("no batch is named", hint="engine batches lists them")
    with undisturbed(settings) as (graph, _):
        found = load_undo.batches(graph, batches, loads)
        missing = {
            "batch {}": {*batches} - {one.number for one in found},
            "load {} of this home": {*loads} - {one.load for one in found},
        }
        for what, unknown in missing.items():
            if unknown:
                raise NotFound(
                    f"there is no {what.format(min(unknown))} in the graph; nothing is undone",
                    hint="see which there are: engine batches",
                )
        numbers = tuple(one.number for one in found)
        report("removing events and facts", 0, 1)
        taken = load_undo.remove_batches(graph, numbers)
        graphs = _counted_again(graph, settings, report) if taken.relations else {}
        described = sum(one.described for one in found)
        return UndoReport(numbers, taken.relations, taken.nodes, described, graphs)


def retract(
    settings: Settings, path: Path, options: ReadOptions, report: StageProgress = no_stage
) -> RetractReport:
    """Take the events of a file out of the graph; again, it changes nothing.

    Raises:
        FileRefused: The file cannot be read, or lacks a column it needs.
        Busy: A night, a load or a publish is at work.
    """
    with undisturbed(settings) as (graph, _):
        report("removing events", 0, 1)
        done = retracted_events.retract(graph, path, options)
        graphs = _counted_again(graph, settings, report) if done.retracted else {}
        return replace(done, graphs=graphs)


def _counted_again(
    graph: GraphClient, settings: Settings, report: StageProgress
) -> dict[str, int | str]:
    return item_graphs.rebuild(graph, item_graphs.COUNTED, settings.event_weights, report)
