"""What a file has in place of the vectors that the graph holds: read as one of them, or refused.

A column of which most cells are no lists of numbers was taken for texts. So was that of a file of
quarantined rows, which quotes numbers.
"""

import json
from collections.abc import Mapping
from typing import Any

from engine.data.arrays import Float32Array
from engine.data.attributes import Value
from engine.data.reading.block import NESTED
from engine.data.reading.packed_vectors import unpack
from engine.data.vector_columns import VectorColumns, VectorFault
from engine.errors import FileRefused

_SHOWN_CHARACTERS = 60


def fitted(row: Mapping[str, Any], widths: dict[str, int], file: str) -> dict[str, Any]:
    """Return a row of which each attribute is a vector that is one in the graph.

    Args:
        row: ``{id, attributes, vectors}``.
        widths: Attributes that are vectors in the graph, and how long they are; those that are new
            are added.
        file: Its name, for people.

    Raises:
        FileRefused: One is none, or of another length.
    """
    for name, vector in row["vectors"].items():
        if widths.setdefault(name, len(vector)) != len(vector):
            raise FileRefused(
                f"{file}: {name} is a vector of {len(vector)} numbers, and of {widths[name]} in "
                "the graph",
                code="vector-length",
                hint=f"give the new ones a name of their own: --map {name}_2={name}",
            )
    plain = {name: value for name, value in row["attributes"].items() if name not in widths}
    read = {
        name: _vector(name, value, widths[name], f"{file}: {name} of {row['id']}")
        for name, value in row["attributes"].items()
        if name in widths
    }
    return {"id": row["id"], "attributes": plain, "vectors": {**row["vectors"], **read}}


def _vector(name: str, value: Value, width: int, subject: str) -> Float32Array:
    cell = NESTED + json.dumps(value) if isinstance(value, list) else str(value)
    try:
        numbers = unpack(VectorColumns({name: width}).vector(name, cell))
    except VectorFault as fault:
        text = repr(value)
        more = "…" if len(text) > _SHOWN_CHARACTERS else ""
        raise FileRefused(
            f"{subject} is {text[:_SHOWN_CHARACTERS]}{more}, and a vector of {width} numbers in "
            "the graph",
            code=fault.code,
            hint=f"write lists of {width} numbers, leave the cell empty, or give what is there a "
            f"name of its own: --map {name}_2={name}",
        ) from fault
    assert numbers is not None
    return numbers
