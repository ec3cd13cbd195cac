"""Lists that were answered, as the graph remembers them (``cypher/shown``).

``(:User)-[:WAS_SHOWN]->(:List {id, at, by, named, generation, options, variant, items, sources,
seen, first, propensities})``: ``items`` are ids, the best first; ``sources`` say why each stands
there; ``seen`` are the places among them that somebody reported as seen; ``first`` is the position
of the first where that is not 1, as the list is a later page; ``propensities`` say, of a list that
is explored, how likely each item was to stand there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import NotFound, UsageError
from engine.store.graph_client import GraphClient, Row


@dataclass(frozen=True)
class RememberedList:
    """A list that was answered.

    Attributes:
        at: When, epoch milliseconds.
        user: For whom; None: for nobody in particular.
        by: The list that was asked for, such as ``for-you``.
        named: The name of it, where an operator gave it one.
        generation: Which was in service, None where none was.
        options: What was asked beside the defaults, as JSON.
        items: Ids, the best first.
        sources: Of the items.
        variant: Of an experiment, such as ``blend/b``; ``blend/b/failed`` where its control stood
            in for it.
        first: Position of the first item: over 1 on a later page.
        propensities: Of the items, where the list is explored.
    """

    id: str
    at: int
    user: str | None
    by: str
    named: str | None
    generation: int | None
    options: str
    items: tuple[str, ...]
    sources: tuple[str, ...]
    variant: str | None = None
    first: int = 1
    propensities: tuple[float, ...] = ()


@dataclass(frozen=True)
class Impressions:
    """What became of a report: how many items are seen first, and how many were seen before."""

    accepted: int
    duplicate: int


def write(client: GraphClient, lists: Sequence[RememberedList]) -> None:
    """Remember lists in one transaction; again, it changes nothing."""
    write_rows(client, [_row(one) for one in lists])


def write_rows(client: GraphClient, rows: Sequence[Row]) -> None:
    """Remember lists of ``id``, ``user`` and ``properties``, as ``write`` does."""
    client.write("shown/write", lists=list(rows))


def note_seen(client: GraphClient, list_id: str, items: Sequence[str]) -> Impressions:
    """Note that items of a list were seen; again, it changes nothing.

    Raises:
        NotFound: No list of that id is remembered.
        UsageError: An item is not in that list; nothing is noted.
    """
    rows = client.write("shown/seen", id=list_id, items=list(items))
    if not rows:
        raise NotFound(
            f"no list {list_id} is remembered",
            hint="a list is remembered within a second of its answer, where remember_lists is on, "
            "and for list_days",
        )
    if others := rows[0]["others"]:
        raise UsageError(
            f"the list {list_id} does not have the item {others[0]!r}: nothing was noted",
            hint="send ids of items of that answer",
        )
    return Impressions(rows[0]["new"], len(set(items)) - rows[0]["new"])


def _row(one: RememberedList) -> Row:
    properties = {
        "at": one.at,
        "by": one.by,
        "named": one.named,
        "generation": one.generation,
        "variant": one.variant,
        "first": one.first if one.first > 1 else None,
        "options": one.options,
        "items": list(one.items),
        "sources": list(one.sources),
        "propensities": list(one.propensities) or None,
    }
    return {"id": one.id, "user": one.user, "properties": properties}
