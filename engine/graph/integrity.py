"""What a check reads of the graph: schema, pointers, clock, what vectors are (``cypher/check``)."""

import re
from dataclasses import dataclass

from engine.graph import embeddings, vector_index
from engine.graph.embeddings import LABELS, Label, property_name
from engine.store.graph_client import GraphClient

_PREFIX = "embedding_g"
_NUMBERED = re.compile(rf"(?:^|_){_PREFIX}(\d+)(?:_|$)")


@dataclass(frozen=True)
class IndexState:
    """An index, that of a constraint included.

    Attributes:
        state: ``ONLINE``, ``POPULATING`` or ``FAILED``.
        percent: How much of it is built.
    """

    name: str
    state: str
    percent: float

    @property
    def online(self) -> bool:
        """Whether it answers from all it is to hold."""
        return self.state == "ONLINE" and self.percent >= 100.0


@dataclass(frozen=True)
class ServingPointer:
    """A node of the pointer, and the generations it leads to."""

    name: str
    numbers: list[int]


@dataclass(frozen=True)
class VectorState:
    """Vectors of a label of a generation.

    Attributes:
        misfits: Those of another width than the generation's.
        not_finite: Those that hold NaN or an infinite number.
    """

    vectors: int
    misfits: int
    not_finite: int


@dataclass(frozen=True)
class RememberedCount:
    """How many lists are remembered.

    Attributes:
        newest: When the last of them was answered, epoch milliseconds; None where there is none.
    """

    lists: int
    newest: int | None


def constraints(client: GraphClient) -> frozenset[str]:
    """Return the names of the constraints."""
    return frozenset(str(row["name"]) for row in client.read("check/constraints"))


def indexes(client: GraphClient) -> list[IndexState]:
    """Return every index."""
    return [IndexState(**row) for row in client.read("check/indexes")]


def pointers(client: GraphClient) -> list[ServingPointer]:
    """Return every serving pointer; one is right, none is before the first publish."""
    return [ServingPointer(**row) for row in client.read("check/pointers")]


def remembered(client: GraphClient) -> RememberedCount:
    """Return how many lists are remembered, and of when the newest is."""
    return RememberedCount(**client.read("check/lists")[0])


def server_milliseconds(client: GraphClient) -> int:
    """Return the time by the server's clock, epoch milliseconds."""
    now: int = client.read("check/clock")[0]["now"]
    return now


def vector_state(client: GraphClient, label: Label, generation: int, dimension: int) -> VectorState:
    """Look at every number of a generation's vectors of a label."""
    idents = {"label": label, "property": property_name(generation)}
    return VectorState(**client.read("check/vectors", idents, dimension=dimension)[0])


def generations_with_data(client: GraphClient) -> set[int]:
    """Return the numbers of the generations of which a node has something, or an index is there."""
    names = [name for label in LABELS for name in _properties(client, label)]
    names += vector_index.online(client, "")
    return {int(found[1]) for name in names if (found := _NUMBERED.search(name))}


def remove_properties(client: GraphClient, generation: int) -> None:
    """Remove every property of a generation that is no more, whichever label carries it."""
    for label in LABELS:
        for name in _properties(client, label):
            if (found := _NUMBERED.search(name)) and int(found[1]) == generation:
                embeddings.remove_property(client, label, name)


def _properties(client: GraphClient, label: Label) -> list[str]:
    rows = client.read("check/generation_properties", {"label": label}, prefix=_PREFIX)
    return [str(row["property"]) for row in rows]
