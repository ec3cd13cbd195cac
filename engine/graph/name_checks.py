"""What the graph has: names, which alone may fill a slot of a statement, and ids."""

from collections.abc import Mapping, Sequence

from engine.errors import NotFound, UsageError
from engine.store.graph_client import GraphClient


def known_names(client: GraphClient, kind: str) -> list[str]:
    """Return the labels, relationship types (``relation``) or property names of the graph."""
    if kind == "label":
        rows = client.read("project/labels")
    elif kind == "relation":
        rows = client.read("project/relations")
    else:
        rows = client.read("project/properties")
    return [row["name"] for row in rows]


def check_names(client: GraphClient, kind: str, given: Mapping[str, str]) -> None:
    """Refuse a label, relationship type or property that the graph does not have.

    Args:
        client: The graph.
        kind: ``label``, ``relation`` or ``property``.
        given: Parameter to name.

    Raises:
        UsageError: Names the parameter and what the graph has.
    """
    known = known_names(client, kind)
    for parameter, name in given.items():
        if name not in known:
            raise UsageError(
                f"parameter {parameter}: the graph has no {kind} {name!r}",
                hint="it has: " + (", ".join(known) or "none yet; engine ingest loads data"),
            )


def check_ids(client: GraphClient, parameter: str, label: str, ids: Sequence[str]) -> None:
    """Refuse ids that no node of a label has.

    Raises:
        NotFound: Names the parameter and the first such id.
    """
    missing = client.read("query/missing", {"label": label}, ids=list(ids))[0]["missing"]
    if missing:
        raise NotFound(
            f"parameter {parameter}: there is no {label} {missing[0]!r}",
            hint="ids are case-sensitive; engine status shows what the graph holds",
        )
