"""Take out events and facts: of loads, of keys, from before a moment (``cypher/undo``)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.data.whole_numbers import LARGEST
from engine.graph import batch_writes
from engine.store.graph_client import GraphClient

_KEYS = 5_000
_EVENTS = ("INTERACTED", "DISLIKES")


@dataclass(frozen=True)
class WrittenLoad:
    """A load, as the batches that it left say.

    Attributes:
        load: Its number in the registry of the home that loaded it.
        own: Whether that is the home that asks.
        first: Number of its first batch; those of other loads may stand between.
        relations: Events and facts that it wrote.
        described: Nodes whose attributes it wrote.
        undone: Batches of it that were undone since.
    """

    load: int
    own: bool
    first: int
    last: int
    batches: int
    relations: int
    described: int
    undone: int
    at: datetime


@dataclass(frozen=True)
class StoredBatch:
    """A batch that the graph knows; ``described`` nodes got attributes by it."""

    number: int
    load: int
    described: int


@dataclass(frozen=True)
class TakenOut:
    """Relationships that were removed, and nodes of which nothing but an id was left by that."""

    relations: int
    nodes: int


def loads(client: GraphClient, limit: int) -> list[WrittenLoad]:
    """Return the newest loads, newest first."""
    return [
        WrittenLoad(**row | {"at": datetime.fromtimestamp(row["at"] / 1_000, tz=UTC)})
        for row in client.read("undo/list", home=client.target.home, limit=limit)
    ]


def batches(client: GraphClient, numbers: Sequence[int], loads: Sequence[int]) -> list[StoredBatch]:
    """Return those of some batches, and of those of this home's loads, that there are."""
    # A graph holds no larger number, and its driver cannot ask for one.
    numbers, loads = ([one for one in some if one <= LARGEST] for some in (numbers, loads))
    home = client.target.home
    rows = client.read("undo/batches", home=home, numbers=numbers, loads=loads)
    return [StoredBatch(**row) for row in rows]


def remove_batches(client: GraphClient, numbers: Sequence[int]) -> TakenOut:
    """Take out what batches wrote between nodes; cut off, the same call goes on."""
    taken = TakenOut(**client.schema("undo/remove_of_batches", batches=list(numbers))[0])
    if client.write("undo/mark", batches=list(numbers))[0]["marked"] or taken.relations:
        batch_writes.mark_removal(client)
    return taken


def count_before(client: GraphClient, moment: int) -> tuple[int, int]:
    """Return how many events happened before a moment, epoch ms, and to how many users."""
    rows = [client.read("undo/older", {"relation": one}, before=moment)[0] for one in _EVENTS]
    return sum(row["events"] for row in rows), max(row["users"] for row in rows)


def remove_before(client: GraphClient, moment: int) -> TakenOut:
    """Take out events from before a moment, epoch ms; cut off, the same call goes on."""
    taken = TakenOut(0, 0)
    for one in _EVENTS:
        row = client.schema("undo/remove_older", {"relation": one}, before=moment)[0]
        taken = TakenOut(taken.relations + row["relations"], taken.nodes + row["nodes"])
    if taken.relations:
        batch_writes.mark_removal(client)
    return taken


def remove_events(client: GraphClient, keys: Sequence[int]) -> TakenOut:
    """Take out events by their keys; those that are not there are passed over."""
    taken = TakenOut(0, 0)
    for start in range(0, len(keys), _KEYS):
        part = list(keys[start : start + _KEYS])
        for one in _EVENTS:
            row = client.write("undo/remove_by_key", {"relation": one}, keys=part)[0]
            taken = TakenOut(taken.relations + row["relations"], taken.nodes + row["nodes"])
    return taken
