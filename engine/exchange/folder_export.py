"""Write a graph to a folder, section by section; a killed call is carried on by the same call."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from engine.data.progress_callbacks import StageProgress, no_stage
from engine.errors import Busy, UsageError
from engine.exchange import (
    derived_graphs,
    feedback_tables,
    generation_tables,
    graph_tables,
    part_files,
    shown_tables,
)
from engine.exchange.folders import ExchangeFolder, folder_errors, folder_of
from engine.exchange.manifest import LISTS, MANIFEST, REGISTRY, SECTIONS, UNFINISHED, Manifest
from engine.exchange.part_files import FolderTable, PartFiles
from engine.graph import stored_generations, stored_lists
from engine.graph.pulling import pull
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry


@dataclass(frozen=True)
class ExportRequest:
    """What to export.

    Attributes:
        to: A folder, or an address of fsspec; it holds nothing yet, or what a killed export left.
        what: Sections; empty: all of them.
        graph: Name of the graph, by which a killed export of it is known again.
    """

    to: str | Path
    what: tuple[str, ...] = ()
    graph: str = ""

    def sections(self) -> tuple[str, ...]:
        """Return the sections, in order.

        Raises:
            UsageError: There is no such section.
        """
        return chosen_sections(self.what)


def chosen_sections(what: Sequence[str]) -> tuple[str, ...]:
    """Return those of some names that are sections, in order; all of them for no name.

    Raises:
        UsageError: There is no such section.
    """
    unknown = [one for one in what if one not in SECTIONS]
    if unknown:
        raise UsageError(
            f"what must be some of {', '.join(SECTIONS)}, not {unknown[0]!r}",
            hint="such as --what events,items,users,facts",
        )
    return tuple(one for one in SECTIONS if one in what or not what)


def export(
    client: GraphClient,
    registry: Registry,
    request: ExportRequest,
    report: StageProgress = no_stage,
) -> Manifest:
    """Write a graph to a folder and return its manifest.

    Raises:
        UsageError: A section is unknown, or the folder holds something else.
        DataError: The folder cannot be written.
        Busy: A generation was removed meanwhile.
    """
    what = request.sections()
    folder = folder_of(request.to)
    with folder_errors(folder):
        parts = PartFiles(folder, _state(client, folder, request, what), report)
        for section in what:
            if section == "registry":
                parts.write_document(REGISTRY, registry.copy.rows)
            else:
                _write(client, parts, section)
        return parts.finish()


def _state(
    client: GraphClient, folder: ExchangeFolder, request: ExportRequest, what: tuple[str, ...]
) -> part_files.ExportState:
    asked = {"what": list(what), "graph": request.graph}
    # Hidden ones are of the system, or of a call that was killed while it noted how far it was.
    names = {one for one in folder.names() if not one.startswith(".")}
    if UNFINISHED in names and (state := part_files.resumed(folder, asked)):
        return state
    if names:
        held = "an export" if MANIFEST in names else "something else"
        if UNFINISHED in names:
            held = "an unfinished export of something else"
        raise UsageError(
            f"{folder.address} holds {held}", hint="name a folder that is not there yet: --to DIR"
        )
    begun_at = datetime.now(UTC).isoformat("T", "seconds")
    return part_files.begun(folder, asked, begun_at, pull.data_watermark(client) or 0)


def _write(client: GraphClient, parts: PartFiles, section: str) -> None:
    if section == "lists":
        parts.write_document(LISTS, partial(stored_lists.all_changes, client))
    elif section == "vectors":
        _write_generations(client, parts)
    else:
        parts.write_section(section, _tables(client, parts.newest_batch, section))


def _tables(client: GraphClient, newest: int, section: str) -> Iterator[FolderTable]:
    if section == "events":
        yield graph_tables.events(client, newest)
    elif section == "items":
        yield from graph_tables.described(client, "Item")
    elif section == "users":
        yield from graph_tables.described(client, "User")
        yield feedback_tables.aliases(client)
    elif section == "facts":
        yield graph_tables.facts(client)
        yield graph_tables.entities(client)
        yield feedback_tables.fact_dislikes(client)
    elif section == "shown":
        yield shown_tables.lists(client)
        yield shown_tables.sums(client)


def _write_generations(client: GraphClient, parts: PartFiles) -> None:
    read = partial(generation_tables.document, client)
    found = parts.write_document(generation_tables.DOCUMENT, read)
    numbers = [one.number for one in generation_tables.generations_of(found)]
    for table in generation_tables.tables(client, numbers):
        parts.write(table)
    _check_still_there(client, numbers)
    parts.write_document(derived_graphs.DOCUMENT, partial(derived_graphs.document, client))


def _check_still_there(client: GraphClient, numbers: Sequence[int]) -> None:
    gone = set(numbers) - {one.number for one in stored_generations.generations(client)}
    if gone:
        raise Busy(
            f"generation {min(gone)} was removed while it was exported",
            hint="remove the folder and export again, while no night is at work",
        )
