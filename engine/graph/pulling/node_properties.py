"""Read numeric properties of nodes as matrices (``cypher/features``)."""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.arrays import Float64Array, Int64Array
from engine.errors import UsageError
from engine.graph.name_checks import check_names
from engine.store.graph_client import GraphClient

_PAGE = 512
_NODES_PER_QUERY = 8_192


@dataclass(frozen=True)
class Property:
    """A numeric property of the nodes of a label.

    Attributes:
        label: Label of the nodes.
        name: Of the property.
        width: Numbers in its lists; None where it is one number.
    """

    label: str
    name: str
    width: int | None


def find_property(client: GraphClient, label: str, name: str) -> Property:
    """Look at one value of a property.

    Raises:
        UsageError: No node of the label has it, or it holds no numbers.
    """
    check_names(client, "label", {"label": label})
    check_names(client, "property", {"property": name})
    rows = client.read("features/example", {"label": label, "property": name})
    if not rows:
        raise UsageError(f"parameter property: no {label} has {name!r}")
    value = rows[0]["value"]
    numbers = value if isinstance(value, list) else [value]
    if not numbers or not all(isinstance(number, int | float) for number in numbers):
        raise _no_numbers(label, name, value)
    return Property(label, name, len(value) if isinstance(value, list) else None)


def read_property(
    client: GraphClient, wanted: Property, nodes: Int64Array, missing: float = 0.0
) -> Float64Array:
    """Return the values of some nodes, ``(n, width)``, or ``(n, 1)`` for single numbers.

    Args:
        client: The graph.
        wanted: The property.
        nodes: ``(n,)`` the server's numbers, in any order, some perhaps more than once.
        missing: Stands for a value that a node lacks.

    Raises:
        UsageError: A value holds no numbers, or not as many as the others.
    """
    unique, back = np.unique(nodes, return_inverse=True)
    width = 1 if wanted.width is None else wanted.width
    result = np.full((len(unique), width), missing)
    for start in range(0, len(unique), _NODES_PER_QUERY):
        chosen = unique[start : start + _NODES_PER_QUERY]
        pages = [chosen[at : at + _PAGE].tolist() for at in range(0, len(chosen), _PAGE)]
        for row in client.read("features/values", {"property": wanted.name}, pages=pages):
            there = [at for at, value in enumerate(row["values"]) if value != []]
            numbers = np.array(row["nodes"], dtype=np.int64)[there]
            values = [row["values"][at] for at in there]
            result[np.searchsorted(unique, numbers)] = _matrix(wanted, values, width)
    found: Float64Array = result[back]
    return found


def _matrix(wanted: Property, values: list[Any], width: int) -> Float64Array:
    if wanted.width is None:
        values = [[value] for value in values]
    for value in values:
        if not isinstance(value, list) or len(value) != width:
            raise UsageError(
                f"property {wanted.name} of {wanted.label} has {width} numbers in one node, "
                f"not in another: {str(value)[:60]}"
            )
    try:
        flat = np.fromiter(
            itertools.chain.from_iterable(values), dtype=np.float64, count=len(values) * width
        )
    except (TypeError, ValueError) as error:
        raise _no_numbers(wanted.label, wanted.name, values[0]) from error
    return flat.reshape(len(values), width)


def _no_numbers(label: str, name: str, value: object) -> UsageError:
    return UsageError(
        f"parameter property: {name!r} of {label} holds no numbers: {str(value)[:60]!r}"
    )
