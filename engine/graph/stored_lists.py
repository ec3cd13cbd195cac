"""Named lists: every change of one, the newest of which counts (``cypher/lists``)."""

import json
from collections.abc import Mapping
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
    return [_change(row) for row in client.read("lists/changes", list_name=name)]


def current(client: GraphClient) -> list[ListChange]:
    """Return what counts now of every name that has a list, by name."""
    return [_change(row) for row in client.read("lists/current")]


def _change(row: Row) -> ListChange:
    options = row["options"]
    return ListChange(
        row["name"],
        None if options is None else json.loads(options),
        datetime.fromtimestamp(row["at"] / 1_000, tz=UTC),
        row["who"],
        row["ordinal"],
    )
