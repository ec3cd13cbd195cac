"""The ranker of a generation, as the graph holds it (``cypher/generation``).

``(:Generation)-[:RANKS_BY]->(:Ranker {sha256, text})``: every command and service that reaches the
graph has it, and it comes and goes with the vectors it was learned from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import CheckpointInvalid, NotFound
from engine.ranking import ranker as rankers
from engine.ranking.ranker import Ranker
from engine.store.graph_client import GraphClient, Row

SETTING = "ranker"
"""Name of the generation's setting that is the SHA-256 of its ranker."""


@dataclass(frozen=True)
class ServingRanker:
    """What ranks in the generation in service.

    Attributes:
        generation: Its number.
        sha256: Of the ranker that is stored; None where there is none.
        ranker: None where it has none that can be used.
        fault: Why what is stored cannot be used, or None.
        indexed: Whether the generation has a vector index; a filter has edges instead.
    """

    generation: int
    sha256: str | None
    ranker: Ranker | None
    fault: str | None = None
    indexed: bool = True


def write(client: GraphClient, generation: int, ranker: Ranker) -> None:
    """Store the ranker of a generation, in the place of the one it has.

    Raises:
        NotFound: There is no such generation.
    """
    written = client.write(
        "generation/write_ranker", number=generation, digest=ranker.digest, text=ranker.text
    )
    if not written:
        raise NotFound(
            f"generation {generation} is not in the graph", hint="see which: engine generations"
        )


def read(client: GraphClient, generation: int) -> Ranker | None:
    """Return the ranker of a generation; None where it has none.

    Raises:
        CheckpointInvalid: It is not what was stored, or was made for other features.
    """
    rows = client.read("generation/read_ranker", number=generation)
    return _checked(rows[0]) if rows else None


def is_there(client: GraphClient, generation: int) -> bool:
    """Tell whether a generation has a ranker, whatever its state."""
    rows = client.read("generation/read_ranker", number=generation)
    return bool(rows) and rows[0]["text"] is not None


def in_service(client: GraphClient) -> ServingRanker | None:
    """Return what ranks in the generation in service; None where nothing is in service."""
    rows = client.read("generation/read_ranker", number=client.pinned)
    if not rows:
        return None
    number, sha256, indexed = (rows[0][name] for name in ("number", "sha256", "indexed"))
    try:
        return ServingRanker(number, sha256, _checked(rows[0]), indexed=indexed)
    except CheckpointInvalid as error:
        return ServingRanker(number, sha256, None, error.message, indexed)


def fault(client: GraphClient, generation: int, settings: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the ranker of a generation, by its settings, or None."""
    digest = settings.get(SETTING)
    if digest is None:
        return None
    try:
        found = read(client, generation)
    except CheckpointInvalid as error:
        return error.message
    if found is None:
        return "its ranker is gone"
    return None if found.digest == digest else "its ranker is another one: its SHA-256 differs"


def remove(client: GraphClient, generation: int) -> None:
    """Remove the ranker of a generation; nothing happens where it has none."""
    client.write("generation/remove_ranker", number=generation)


def _checked(row: Row) -> Ranker | None:
    return None if row["text"] is None else rankers.checked(row["text"], row["sha256"])
