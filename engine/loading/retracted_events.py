"""Take the events of a file out of the graph again: what a wrong export brought in."""

from dataclasses import dataclass
from pathlib import Path

from engine.data.reading.read_options import ReadOptions
from engine.graph import batch_writes, load_undo
from engine.loading.load_events import validated_blocks
from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class RetractReport:
    """What became of the rows of a file.

    Attributes:
        retracted: Events that were taken out; ``read`` less these and ``bad`` were not there, or
            stand in the file twice.
        bad: Rows that are no events.
        nodes: Users and items of whom nothing but an id was left.
        graphs: Graphs between items that were built again, and how many edges each has, or why it
            could not be built.
    """

    file: str
    read: int
    retracted: int
    bad: int
    nodes: int
    graphs: dict[str, int | str]


def retract(graph: GraphClient, path: Path, options: ReadOptions) -> RetractReport:
    """Take out the events that ``engine ingest`` would find there already; once, however often.

    Raises:
        FileRefused: The file cannot be read, or lacks a column it needs.
    """
    read = bad = retracted = nodes = 0
    for one in validated_blocks(path, options):
        read += one.block.read
        bad += len(one.bad)
        taken = load_undo.remove_events(graph, one.events["key"].unique().to_list())
        retracted += taken.relations
        nodes += taken.nodes
    if retracted:
        batch_writes.mark_removal(graph)
    return RetractReport(path.name, read, retracted, bad, nodes, {})
