"""What makes users' vectors in a generation, as the graph holds it (``cypher/generation``).

``(:Generation {user_encoder})-[:ENCODES_BY]->(:UserEncoder {sha256, text})``, for models that read
what a user had in order: every command and service that reaches the graph has it, and it comes and
goes with the vectors of the items that it takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.data import sequence_encoder
from engine.data.sequence_encoder import SequenceEncoder
from engine.errors import CheckpointInvalid, NotFound
from engine.store.graph_client import GraphClient, Row

SETTING = "user_encoder"
"""Name of the generation's setting that is the SHA-256 of its encoder."""


@dataclass(frozen=True)
class ServingEncoder:
    """What makes users' vectors in the generation in service.

    Attributes:
        generation: Its number.
        expected: SHA-256 of what it was published with; None where users' vectors are stored.
        encoder: None where it has none that can be used.
        fault: Why what is stored cannot be used, or None.
    """

    generation: int
    expected: str | None
    encoder: SequenceEncoder | None
    fault: str | None = None


def write(client: GraphClient, generation: int, encoder: SequenceEncoder) -> None:
    """Store what makes users' vectors in a generation, in the place of what it has.

    Raises:
        NotFound: There is no such generation.
    """
    text = encoder.text
    written = client.write(
        "generation/write_user_encoder", number=generation, digest=encoder.digest, text=text
    )
    if not written:
        raise NotFound(
            f"generation {generation} is not in the graph", hint="see which: engine generations"
        )


def in_service(client: GraphClient) -> ServingEncoder | None:
    """Return what makes users' vectors in the generation in service; None where there is none."""
    rows = client.read("generation/read_user_encoder", number=client.pinned)
    return _checked(rows[0]) if rows else None


def fault(client: GraphClient, generation: int, settings: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the user encoder of a generation, by its settings, or None."""
    if settings.get(SETTING) is None:
        return None
    rows = client.read("generation/read_user_encoder", number=generation)
    return _checked(rows[0]).fault if rows else None


def remove(client: GraphClient, generation: int) -> None:
    """Remove what makes users' vectors in a generation; nothing happens where there is nothing."""
    client.write("generation/remove_user_encoder", number=generation)


def _checked(row: Row) -> ServingEncoder:
    number, expected, text = row["number"], row["expected"], row["text"]
    if expected is None:
        return ServingEncoder(number, None, None)
    if text is None:
        return ServingEncoder(number, expected, None, "its user encoder is gone")
    try:
        return ServingEncoder(number, expected, sequence_encoder.read(text, expected))
    except CheckpointInvalid as error:
        return ServingEncoder(number, expected, None, error.message)
