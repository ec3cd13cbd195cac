"""Named lists: every change of one, the newest of which counts (``cypher/lists``)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.store.graph_client import GraphClient, Row


@dataclass(frozen=True)
class ListChange:
    """A name was given to a list, or taken from it.

    Attributes:
        options: By name, as JSON has them; None: the name was removed.
        ordinal: Its place among the changes of that graph.
        who: User and machine.
    """

    name: str
    options: Mapping[str, Any] | None
    at: datetime
    who: str
    ordinal: int


def change(
    client: GraphClient, name: str, options: Mapping[str, Any] | None, who: str
) -> ListChange:
    """Give a name to a list, or take it from one, and keep who did so."""
    text = None if options is None else json.dumps(options, ensure_ascii=False)
    row = client.write("lists/change", list_name=name, options=text, who=who)[0]
    return _change({"name": name, "options": text, "who": who} | row)


def changes(client: GraphClient, name: str | None = None) -> list[ListChange]:
    """Return every change, newest first; of one name where it is given."""
    return [_change(row) for row in _read(client, name)]


def current(client: GraphClient) -> list[ListChange]:
    """Return what counts now of every name that has a list, by name."""
    return [_change(row) for row in client.read("lists/current")]


def all_changes(client: GraphClient) -> list[Row]:
    """Return every change as it stands in the graph, the oldest first."""
    return _read(client, None)[::-1]


def restore(client: GraphClient, exported: Sequence[Row]) -> int:
    """Add the changes of those names that have none here, and return how many were added.

    Args:
        client: The graph.
        exported: As ``all_changes`` returned them, of this graph or of another one.
    """
    there = {row["name"] for row in all_changes(client)}
    missing = [row for row in exported if row["name"] not in there]
    if not missing:
        return 0
    return int(client.write("lists/restore", changes=missing)[0]["added"])


def _read(client: GraphClient, name: str | None) -> list[Row]:
    return client.read("lists/changes", list_name=name)


def _change(row: Row) -> ListChange:
    options = row["options"]
    return ListChange(
        row["name"],
        None if options is None else json.loads(options),
        datetime.fromtimestamp(row["at"] / 1_000, tz=UTC),
        row["who"],
        row["ordinal"],
    )
