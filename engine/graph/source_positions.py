"""How far sources were read that are read again: ``cypher/position``.

The graph keeps it beside what was read, so a backup of the one is a backup of the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import Busy
from engine.store.graph_client import GraphClient, Transaction

START = ""
"""Of a part of which nothing was read."""


@dataclass(frozen=True)
class SourcePosition:
    """How far a source was read.

    Attributes:
        source: What identifies it.
        label: What people call it.
        before: Part -> where it was when reading began; a part that is missing was at ``START``.
        after: Part -> where it is now.
    """

    source: str
    label: str
    before: Mapping[str, str]
    after: Mapping[str, str]


def read(client: GraphClient, source: str) -> dict[str, str]:
    """Return part -> how far it was read."""
    return {row["part"]: row["value"] for row in client.read("position/read", source=source)}


def move(client: GraphClient, position: SourcePosition) -> None:
    """Note how far a source was read, after all of it was written.

    Where somebody else noted it meanwhile, theirs stays: what is read again is recognised.
    """
    client.write("position/move", **_parameters(position))


def move_within(tx: Transaction, position: SourcePosition) -> None:
    """Note how far a source was read, in the transaction that writes what was read.

    Raises:
        Busy: Somebody else read the source meanwhile; nothing of the transaction is written.
    """
    moved = tx.run("position/move", **_parameters(position))
    if len(moved) < len(position.after):
        raise Busy(
            f"{position.label} is read by another process into the same graph",
            hint="end one of the two",
        )


def _parameters(position: SourcePosition) -> dict[str, Any]:
    parts = [
        {"name": part, "before": position.before.get(part, START), "value": value}
        for part, value in position.after.items()
    ]
    return {"source": position.source, "label": position.label, "parts": parts}
