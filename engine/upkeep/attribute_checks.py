"""Checks of the attributes of users and items: one that is a vector is one on all that have it."""

from collections.abc import Iterator
from typing import Literal

from engine.graph.pulling import pull_vectors
from engine.store.graph_client import GraphClient
from engine.upkeep.findings import Finding, ok, warning

_NAME = "attributes"
_LABELS: tuple[Literal["User", "Item"], ...] = ("User", "Item")


def attributes(graph: GraphClient) -> Iterator[Finding]:
    """Look for attributes that are vectors of one length on some nodes alone."""
    well = True
    for label in _LABELS:
        kind = f"{label.lower()}s"
        for one in pull_vectors.mixed_attributes(graph, label):
            well = False
            most = "no vectors" if one.width is None else f"vectors of {one.width} numbers"
            value = f"{one.unlike} of {one.nodes} are unlike most, which hold {most}"
            remedy = f"engine ingest --{kind} FILE, where FILE has {one.name} of them all alike"
            yield warning(_NAME, f"{one.name} of {kind}", value, remedy)
    if well:
        yield ok(_NAME, "vectors of users and items", "all of an attribute are alike")
