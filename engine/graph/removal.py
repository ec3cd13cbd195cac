"""Remove users and items from the graph with all they have, in small transactions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.data.progress_callbacks import CountProgress, no_count
from engine.graph import aliases, batch_writes
from engine.store.graph_client import GraphClient

NodeLabel = Literal["User", "Item"]
_NODES, _LISTS, _RELATIONS = 1_000, 2_000, 10_000


@dataclass(frozen=True)
class HeldInGraph:
    """What the graph holds of some users or items.

    Attributes:
        lists: Those that the users were shown.
        relations: Facts, and edges that were derived or published.
        vectors: Those of every generation.
    """

    nodes: int = 0
    events: int = 0
    lists: int = 0
    relations: int = 0
    vectors: int = 0


def known(client: GraphClient, label: NodeLabel, ids: Sequence[str]) -> set[str]:
    """Return those of some ids that are in the graph; an id that stands for a user is."""
    found = {
        row["id"]
        for part in _parts(ids)
        for row in client.read("forget/known", {"label": label}, ids=part)
    }
    return found | set(aliases.current(client, ids)) if label == "User" else found


def held(client: GraphClient, label: NodeLabel, ids: Sequence[str]) -> HeldInGraph:
    """Count what there is of some users or items."""
    rows = [client.read("forget/counts", {"label": label}, ids=part)[0] for part in _parts(ids)]
    names = HeldInGraph.__dataclass_fields__
    return HeldInGraph(**{name: sum(row[name] for row in rows) for name in names})


def remove(
    client: GraphClient, label: NodeLabel, ids: Sequence[str], report: CountProgress = no_count
) -> HeldInGraph:
    """Remove users or items and return what there was of them; cut off, the same call goes on.

    The last transaction leaves the mark of a batch, so that the next night trains without them.
    """
    found = held(client, label, ids)
    if not found.nodes:
        return found
    done, total = 0, found.events + found.relations
    if found.lists:
        for part in _parts(ids):
            while client.write("forget/remove_shown", ids=part, limit=_LISTS)[0]["removed"]:
                pass
    for part in _parts(ids):
        while removed := client.write(
            "forget/remove_relations", {"label": label}, ids=part, limit=_RELATIONS
        )[0]["removed"]:
            done += removed
            report(min(done, total), total)
    for part in _parts(ids):
        batch_writes.remove_nodes(client, label, part)
    return found


def _parts(ids: Sequence[str]) -> list[list[str]]:
    return [list(ids[start : start + _NODES]) for start in range(0, len(ids), _NODES)]
