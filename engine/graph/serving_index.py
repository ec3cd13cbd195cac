"""Which vector index a statement must name: that of the generation in service.

``SEARCH`` takes the name of its index in the text alone, so the text must be chosen before the
statement reads the pointer. It is chosen by the pointer as last seen; the statement then gives no
row where the pointer has moved (``cypher/part/serving_generation.cypher``), and is chosen again:
within one answer, pointer and index cannot disagree. Where the server has no ``SEARCH``, or what is
in service has no vectors, the statement computes the name itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary

from engine.errors import Busy, QueryFailed
from engine.graph.embeddings import Label
from engine.graph.vector_index import index_name
from engine.store.graph_client import GraphClient, Row

Formula = Literal["vectors", "weights", "counts", "edges"]

_TRIES = 4
_MOST_VALUES = 5


@dataclass(frozen=True)
class SearchableGeneration:
    """How the generation in service can be searched.

    Attributes:
        formula: What its lists are made of: ``vectors``, or of a generation without any ``weights``
            of popularity and repeats, ``counts``, or ``edges``.
        indexed: Attributes of items that its index looks at itself.
    """

    number: int
    formula: Formula
    indexed: tuple[str, ...]


_SEEN: "WeakKeyDictionary[GraphClient, SearchableGeneration | None]" = WeakKeyDictionary()


def rows_in_service(
    client: GraphClient,
    name: str,
    label: Label,
    given: Mapping[str, Any],
    others: Mapping[str, str] | None = None,
) -> list[Row]:
    """Ask a statement that searches the index of the generation in service.

    Args:
        client: The graph.
        name: Of the statement, which has at least one row where something is published.
        label: Of the nodes in the index.
        given: Values of its parameters.
        others: Statements that answer in its place, by the formula in service.

    Raises:
        Busy: Generations come and go faster than one statement is answered.
    """
    for attempt in range(_TRIES):
        if attempt or client not in _SEEN:
            _SEEN[client] = _look(client)
        # Another thread may just have found that nothing is in service.
        searchable = _SEEN.get(client)
        number = None if searchable is None else searchable.number
        idents, more = _slots(client, searchable, label, given.get("filters") or {})
        try:
            formula = "vectors" if searchable is None else searchable.formula
            asked = (others or {}).get(formula, name)
            own = given if asked == name else _without_vectors(given)
            rows = client.ask(asked, idents, generation=number, **own, **more)
        except QueryFailed:
            if not idents or attempt == _TRIES - 1:
                raise
            continue  # the index may be gone with its generation
        if number is None:
            _SEEN.pop(client, None)  # whatever is published next is looked for
        if rows or (attempt and number is None):
            return rows
    raise Busy("the generation in service changed at every attempt", hint="try again")


def _without_vectors(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values for a method that counts, which takes no vectors of users."""
    return {name: value for name, value in given.items() if name not in ("made", "made_for")}


def _look(client: GraphClient) -> SearchableGeneration | None:
    rows = client.ask("generation/in_service")
    if not rows:
        return None
    row = rows[0]
    return SearchableGeneration(row["number"], row["formula"], tuple(row["indexed"]))


def _slots(
    client: GraphClient,
    searchable: SearchableGeneration | None,
    label: Label,
    filters: Mapping[str, Sequence[str]],
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the names that fill a statement's slots, and the parameters that go with them."""
    if searchable is None or searchable.formula != "vectors" or not client.server.cypher25:
        return {}, {}
    idents = {"index": index_name(label, searchable.number)}
    if label != "Item":
        return idents, {}
    for attribute in searchable.indexed:
        if 0 < len(filters.get(attribute, ())) <= _MOST_VALUES:
            return idents | {"attribute": attribute}, {"attribute": attribute}
    return idents, {}
