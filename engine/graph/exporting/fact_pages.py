"""Read facts, a page at a time: by relation, the labels that it joins, and the head's id."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.data.arrays import Int64Array
from engine.graph.pulling import edge_pages, pull_facts
from engine.graph.pulling.edge_pages import Nodes, Triple
from engine.store.graph_client import GraphClient

Place = tuple[str, str, str, str]
"""Relation, label of the head, label of the tail, id of the last head: how far facts were read."""


@dataclass(frozen=True)
class FactPage:
    """Facts of one relation between two labels, by head and tail.

    Attributes:
        place: How far they reach.
        heads, tails: Ids; those of entities are their keys, such as ``Brand:69``.
    """

    place: Place
    heads: list[str]
    tails: list[str]

    @property
    def relation(self) -> str:
        """Type of the relationships."""
        return self.place[0]


def fact_pages(client: GraphClient, after: Place | None = None) -> Iterator[FactPage]:
    """Yield every fact after a place; edges that the engine derived are no facts."""
    nodes = pull_facts.nodes_of_facts(client)
    relations = pull_facts.fact_relations(client)
    kinds = pull_facts.kinds_of_facts(client, relations, nodes)
    for triple in sorted(kinds, key=_name):
        if after is not None and _name(triple) < after[:3]:
            continue
        begun = after is not None and _name(triple) == after[:3]
        yield from _of_kind(client, triple, nodes, after[3] if after and begun else "")


def _name(triple: Triple) -> tuple[str, str, str]:
    return triple.relation, triple.head, triple.tail


def _of_kind(
    client: GraphClient, triple: Triple, nodes: dict[str, Nodes], after: str
) -> Iterator[FactPage]:
    heads, tails = nodes[triple.head], nodes[triple.tail]
    for chosen in edge_pages.chunks(_by_id(heads)):
        last = heads.ids.ids[int(heads.find(chosen[-1:])[0])]
        if last <= after:
            continue
        found = edge_pages.edges_of(client, triple, chosen, None, False)
        edges = edge_pages.placed(found, (heads, tails), (0, 0))
        order = np.lexsort((edges.target, edges.source))
        yield FactPage(
            (*_name(triple), last),
            [heads.ids.ids[row] for row in edges.source[order].tolist()],
            [tails.ids.ids[row] for row in edges.target[order].tolist()],
        )


def _by_id(nodes: Nodes) -> Int64Array:
    """Return the server's numbers of nodes, by id."""
    numbers = np.flatnonzero(nodes.rows >= 0)
    return numbers[np.argsort(nodes.rows[numbers])]
