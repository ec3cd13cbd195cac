"""Users' vectors made at request time of their newest events, where a generation has such a model.

What makes them is kept from the first question on. A list names the generation and the encoder
that it is of; where those are others by now, whoever asked looks again, so that no list mixes two.
"""

import logging
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from engine.data.arrays import Float32Array, Int64Array
from engine.data.sequence_encoder import SequenceEncoder
from engine.data.sequences import Sequences
from engine.graph import stored_user_encoders
from engine.graph.stored_user_encoders import ServingEncoder
from engine.store.graph_client import GraphClient, Row

_LOG = logging.getLogger(__name__)

_SEEN: "WeakKeyDictionary[GraphClient, ServingEncoder | None]" = WeakKeyDictionary()
"""What made vectors when it was last looked. Answers tell when another generation serves."""


def serving(client: GraphClient, *, again: bool) -> ServingEncoder | None:
    """Return what makes users' vectors in the generation in service; None where none is.

    Args:
        client: The graph.
        again: Whether what was seen last no longer holds.
    """
    if again or client not in _SEEN:
        found = stored_user_encoders.in_service(client)
        if found is not None and found.fault is not None:
            _LOG.warning(
                "generation %d serves the stored vectors of users: %s",
                found.generation,
                found.fault,
            )
        _SEEN[client] = found
    return _SEEN.get(client)


def made(client: GraphClient, by: ServingEncoder | None, users: Sequence[str]) -> dict[str, Any]:
    """Return what a list's statement is given of users' vectors; nothing where they are stored.

    Who has no event on an item of the model is left out.
    """
    if by is None or by.encoder is None:
        return {}
    vectors = encoded(client, by, by.encoder, users)
    return {"made": vectors, "made_for": by.generation}


def is_of(by: ServingEncoder | None, rows: Sequence[Row]) -> bool:
    """Tell whether lists are of the generation and the encoder that vectors were made by."""
    expected = None if by is None else by.expected
    if any(row.get("encoder") != expected for row in rows):
        return False
    return expected is None or by is None or all(row["generation"] == by.generation for row in rows)


def encoded(
    client: GraphClient, by: ServingEncoder, encoder: SequenceEncoder, users: Sequence[str]
) -> dict[str, list[float]]:
    """Return the vectors of users as they are stored, by id, of their newest events.

    Nobody's, where the generation makes them by another encoder by now.
    """
    rows = client.ask(
        "generation/newest_items",
        users=sorted(set(users)),
        generation=by.generation,
        encoder=by.expected,
        length=encoder.length,
        least_weight=encoder.least_weight,
    )
    rows = [row for row in rows if row["items"]]
    if not rows:
        return {}
    counts = np.array([len(row["items"]) for row in rows], dtype=np.int64)
    parts = [_oldest_first(row) for row in rows]
    at, stored = (np.concatenate(one) for one in zip(*parts, strict=True))
    sequences = Sequences.taken(np.arange(len(at)), at, np.cumsum(counts) - counts, counts)
    found = encoder.served(sequences, stored)
    return {row["user"]: vector.tolist() for row, vector in zip(rows, found, strict=True)}


def warm_plan(client: GraphClient, generation: int) -> None:
    """Have the server plan what is read of users' events, before anybody waits."""
    client.ask("generation/newest_items", users=[], generation=generation, encoder="", length=1)


def _oldest_first(row: Row) -> tuple[Int64Array, Float32Array]:
    """Return times and vectors of a user's items as training has them: those of one moment by id.

    Python compares ids as it did in training; a server may compare some letters otherwise.
    """
    order = sorted(range(len(row["at"])), key=lambda place: (row["at"][place], row["items"][place]))
    at = np.array(row["at"], dtype=np.int64)
    stored = np.array(row["vectors"], dtype=np.float32)
    return at[order], stored[order]
