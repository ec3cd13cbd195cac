"""Generations as they are exported, and put back (``cypher/exchange``)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.graph import stored_generations, vector_index
from engine.graph.embeddings import LABELS, Label, property_name
from engine.graph.vector_index import IndexSettings
from engine.store.graph_client import GraphClient

UserEdges = tuple[str, list[list[Any]]]
"""User, [[other user, score], …], most like it first."""

_USERS_PER_QUERY = 2_000
_ROWS_PER_WRITE = 500


@dataclass(frozen=True)
class ExportedGeneration:
    """A generation with all that stands on its node and beside it.

    Attributes:
        settings: Properties of its node.
        ranker, user_encoder: ``sha256`` and ``text``; None where it has none.
        indexes: Label to ``dimension``, ``m``, ``ef_construction`` and ``attributes``.
    """

    number: int
    settings: Mapping[str, Any]
    serving: bool
    ranker: Mapping[str, Any] | None
    user_encoder: Mapping[str, Any] | None
    indexes: Mapping[Label, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether it can serve: nothing of it is being written or removed."""
        return self.settings.get("state") in ("ready", "published")


def generations(client: GraphClient) -> list[ExportedGeneration]:
    """Return those that are whole, by number."""
    built = {row["name"]: row for row in vector_index.described(client)}
    found = []
    for row in client.read("exchange/generations"):
        indexes = {
            label: _settings(built[name])
            for label in LABELS
            if (name := vector_index.index_name(label, row["number"])) in built
        }
        found.append(ExportedGeneration(**row, indexes=indexes))
    return [one for one in found if one.is_whole]


def _settings(index: Mapping[str, Any]) -> dict[str, Any]:
    config = index["options"]["indexConfig"]
    return {
        "dimension": config["vector.dimensions"],
        "m": config["vector.hnsw.m"],
        "ef_construction": config["vector.hnsw.ef_construction"],
        "attributes": index["properties"][1:],
    }


def pointer_moves(client: GraphClient) -> list[dict[str, Any]]:
    """Return the moves of the serving pointer as they stand in the graph, the first one first."""
    moves = reversed(stored_generations.pointer_moves(client))
    return [asdict(one) | {"at": round(one.at.timestamp() * 1_000)} for one in moves]


def similar_users(
    client: GraphClient, generation: int, after: str = ""
) -> Iterator[list[UserEdges]]:
    """Yield the users after an id, some at a time, and whom each is joined to in a generation."""
    while True:
        page = client.read(
            "exchange/similar_users", after=after, limit=_USERS_PER_QUERY, generation=generation
        )[0]
        if not page["ids"]:
            return
        after = page["ids"][-1]
        yield list(zip(page["ids"], page["edges"], strict=True))


def begin(client: GraphClient, one: ExportedGeneration) -> None:
    """Write a generation's node as a candidate, with its ranker and its user encoder."""
    _write(client, one, dict(one.settings) | {"state": "candidate"})


def build_indexes(client: GraphClient, one: ExportedGeneration) -> None:
    """Build the vector indexes of a generation as they were, and wait for them."""
    for label, built in one.indexes.items():
        attributes = tuple(built["attributes"]) if client.server.cypher25 else ()
        settings = IndexSettings(built["m"], built["ef_construction"], attributes)
        vector_index.build(client, label, one.number, built["dimension"], settings)


def finish(client: GraphClient, one: ExportedGeneration) -> None:
    """Let a generation's node be as it was: all that serving reads of it is there."""
    _write(client, one, dict(one.settings))


def _write(client: GraphClient, one: ExportedGeneration, settings: Mapping[str, Any]) -> None:
    client.write(
        "exchange/restore_generation",
        number=one.number,
        settings=settings,
        ranker=one.ranker,
        user_encoder=one.user_encoder,
    )


def put_into_service(client: GraphClient, number: int, moves: Sequence[Mapping[str, Any]]) -> bool:
    """Let a generation serve where nothing ever did, and return whether that was so."""
    return bool(client.write("exchange/restore_pointer", number=number, flips=list(moves)))


def write_properties(
    client: GraphClient, label: Label, rows: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    """Store properties on nodes, by id; nodes that are gone are left out."""
    slots = {"label": label, "key": "key" if label == "Entity" else "id"}
    for start in range(0, len(rows), _ROWS_PER_WRITE):
        part = [list(row) for row in rows[start : start + _ROWS_PER_WRITE]]
        client.write("exchange/restore_properties", slots, rows=part)


def write_similar_users(client: GraphClient, generation: int, rows: Sequence[UserEdges]) -> None:
    """Join users to those most like them; users that are gone are left out."""
    for start in range(0, len(rows), _ROWS_PER_WRITE):
        part = [list(row) for row in rows[start : start + _ROWS_PER_WRITE]]
        client.write("exchange/restore_similar_users", rows=part, generation=generation)


def belongs_to(name: str, generation: int) -> bool:
    """Tell whether a property of a node is of a generation."""
    own = property_name(generation)
    return name == own or name.startswith(f"{own}_")


def raise_batches(client: GraphClient, number: int) -> None:
    """Let the next batch have a number above one."""
    client.write("exchange/raise_sequence", sequence_name="batch", value=number)
