"""Which attributes of items become part of a generation's vector index.

A list with a filter on one of them asks the index for the nearest that have the value, instead of
the nearest of all, of which most may have another. An index knows exact texts only.
"""

from collections.abc import Sequence

from engine.data.rules import Rules
from engine.errors import PublishRefused, UsageError
from engine.graph import vector_index
from engine.graph.name_checks import check_names
from engine.store.graph_client import GraphClient
from engine.store.slots import is_identifier

_MOST = 10


def indexed_attributes(graph: GraphClient, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the wanted attributes, each once; none where the server's index cannot filter.

    Args:
        graph: The graph whose items have them.
        wanted: Names; each must be an attribute of some item, and a text wherever it is one.

    Raises:
        PublishRefused: One of them cannot be part of an index; the message says why.
    """
    names = tuple(dict.fromkeys(wanted))
    if not names or not graph.server.cypher25:
        return ()
    if len(names) > _MOST:
        raise PublishRefused(
            f"index_attributes names {len(names)} attributes, more than {_MOST}",
            hint="name those that most lists are filtered by",
        )
    for name in names:
        _check_name(graph, name)
    for row in vector_index.attribute_texts(graph, names):
        if not row.items:
            raise PublishRefused(
                f"index_attributes: no item has an attribute {row.attribute!r}",
                hint="load it with engine ingest --items, or take it out",
            )
        if row.texts < row.items:
            raise PublishRefused(
                f"index_attributes: {row.attribute!r} is more than one text on "
                f"{row.items - row.texts} of {row.items} items, and an index knows single texts",
                hint="take it out: lists are filtered by it without the index too",
            )
    return names


def _check_name(graph: GraphClient, name: str) -> None:
    try:
        Rules(filters={name: ()})
        check_names(graph, "property", {"index_attributes": name})
    except UsageError as error:
        raise PublishRefused(error.message, hint=error.hint) from error
    if not is_identifier(name):
        raise PublishRefused(
            f"index_attributes: {name!r} is no name that an index can be made with",
            hint="letters, digits and _, at most 63, a letter first",
        )
