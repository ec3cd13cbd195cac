"""Bring what users dislike, and the ids that stand for them, from a folder into a graph.

Whoever is forgotten does not come back, by any id.
"""

from engine.connections.forgotten import Tombstones
from engine.exchange.feedback_tables import ALIASES, DISLIKES, aliases_of, dislikes_of
from engine.exchange.folder_rows import FolderRows
from engine.graph.exporting import alias_pages, fact_dislike_pages
from engine.store.graph_client import GraphClient

_ROWS = 5_000


def fact_dislikes(graph: GraphClient, folder: FolderRows, forgotten: Tombstones) -> None:
    """Add the dislikes of entities that are missing; their entities must be there."""
    for rows in folder.batches(DISLIKES, rows=_ROWS):
        found = dislikes_of(rows)
        gone = forgotten.among("user", [one.user for one in found])
        if kept := [one for one in found if one.user not in gone]:
            fact_dislike_pages.restore(graph, kept)


def aliases(graph: GraphClient, folder: FolderRows, forgotten: Tombstones) -> None:
    """Let the ids that stood for users stand for them again, where they are nobody else here."""
    for rows in folder.batches(ALIASES, rows=_ROWS):
        found = aliases_of(rows)
        gone = forgotten.among("user", [one[name] for one in found for name in ("id", "user")])
        if kept := [one for one in found if one["id"] not in gone and one["user"] not in gone]:
            alias_pages.restore(graph, kept)
