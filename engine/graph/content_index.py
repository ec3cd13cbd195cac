"""Vector indexes on what users brought: one for each attribute of items that is a vector.

They are the server's own: an item that is loaded later is in them from the commit on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.data.progress_callbacks import StageProgress, no_stage
from engine.graph import vector_index
from engine.graph.pulling import pull_vectors
from engine.graph.vector_index import IndexSettings
from engine.store.graph_client import GraphClient

_PREFIX = "item_content_"
_LONGEST_NAME = 63
_SETTINGS = IndexSettings(m=16, ef_construction=100)


@dataclass(frozen=True)
class ContentIndex:
    """An index on an attribute of items.

    Attributes:
        dimension: Numbers of a vector.
        built: False where the server has no index for so many, or for so long a name.
    """

    attribute: str
    dimension: int
    built: bool


def index_name(attribute: str) -> str:
    """Return the name of the index of an attribute."""
    return _PREFIX + attribute


def build(client: GraphClient, report: StageProgress = no_stage) -> list[ContentIndex]:
    """Build the index of every attribute of items that is a vector, again where there is one.

    Raises:
        QueryFailed: An index did not come up.
    """
    found = []
    brought = pull_vectors.vector_widths(client, "Item")
    for at, (attribute, width) in enumerate(brought.items()):
        possible = (
            width <= vector_index.MOST_DIMENSIONS and len(index_name(attribute)) <= _LONGEST_NAME
        )
        if possible:
            report(f"indexing {attribute}", at, len(brought))
            name = index_name(attribute)
            vector_index.build_named(client, name, ("Item", attribute), width, _SETTINGS)
        found.append(ContentIndex(attribute, width, possible))
    return found


def widths(client: GraphClient) -> dict[str, int]:
    """Return the attributes of items whose index answers, and how long its vectors are."""
    online = vector_index.online(client, _PREFIX)
    return {name.removeprefix(_PREFIX): width for name, width in online.items()}


def nearest(
    client: GraphClient, item: str, indexed: Mapping[str, int], fetch: int
) -> Sequence[str] | None:
    """Return ids of the items nearest to an item by each of its vectors, each once.

    Args:
        client: The graph.
        item: Id.
        indexed: Attributes whose index answers, and how long its vectors are.
        fetch: How many by each vector.

    Returns:
        None where there is no such item, or one of its vectors is in no index: all items have to
        be compared.
    """
    ids: dict[str, None] = {}
    row = next(iter(client.read("index/vectors_of_item", item=item)), None)
    if row is None or not row["vectors"]:
        return None
    if any(indexed.get(attribute) != width for attribute, width in row["vectors"]):
        return None
    for attribute, _ in row["vectors"]:
        index = index_name(attribute)
        rows = client.read(
            "index/nearest_by_content",
            {"index": index} if client.server.cypher25 else None,
            item=item,
            attribute=attribute,
            index_name=index,
            fetch=fetch,
        )
        ids |= {id_: None for found in rows for id_ in found["ids"]}
    return list(ids)
