"""Pull the facts of the graph as columns."""

from collections.abc import Iterator

import numpy as np

from engine.data.arrays import Int64Array
from engine.data.entity_kinds import RESERVED_RELATIONS
from engine.data.knowledge import Knowledge
from engine.graph.name_checks import known_names
from engine.graph.pulling import edge_pages
from engine.graph.pulling.edge_pages import Nodes, Triple
from engine.store.graph_client import GraphClient

_LABELS = ("User", "Item", "Entity")


def pull_knowledge(client: GraphClient) -> Knowledge:
    """Return every fact between users, items and entities, numbered as ``pull_interactions`` does.

    Edges that the engine derived are no facts.
    """
    nodes = nodes_of_facts(client)
    starts = np.cumsum([0] + [len(one.ids) for one in nodes.values()])
    offsets = dict(zip(_LABELS, starts.tolist(), strict=False))
    relations = fact_relations(client)
    parts: list[tuple[Int64Array, int, Int64Array]] = []
    for triple in kinds_of_facts(client, relations, nodes):
        heads, tails = nodes[triple.head], nodes[triple.tail]
        move = offsets[triple.head], offsets[triple.tail]
        number = relations.index(triple.relation)
        for chosen in edge_pages.chunks(np.flatnonzero(heads.rows >= 0)):
            edges = edge_pages.edges_of(client, triple, chosen, None, False)
            edges = edge_pages.placed(edges, (heads, tails), move)
            parts.append((edges.source.astype(np.int64), number, edges.target.astype(np.int64)))
    counts = len(nodes["User"].ids), len(nodes["Item"].ids)
    return _knowledge(counts, nodes["Entity"], relations, parts)


def nodes_of_facts(client: GraphClient) -> dict[str, Nodes]:
    """Return the nodes that facts can join, by label."""
    there = set(known_names(client, "label"))
    return {
        label: edge_pages.pull_nodes(client, label) if label in there else Nodes.none()
        for label in _LABELS
    }


def fact_relations(client: GraphClient) -> list[str]:
    """Return the types of the relationships that may be facts."""
    return [name for name in known_names(client, "relation") if name not in RESERVED_RELATIONS]


def kinds_of_facts(
    client: GraphClient, relations: list[str], nodes: dict[str, Nodes]
) -> Iterator[Triple]:
    """Yield the kinds of facts that there may be, by the counts that the server keeps."""
    labels = [label for label, one in nodes.items() if len(one.ids)]
    for relation in relations:
        for head in labels:
            for tail in labels:
                triple = Triple(head, relation, tail)
                if edge_pages.reach(client, triple).possible:
                    yield triple


def _knowledge(
    counts: tuple[int, int],
    entities: Nodes,
    relations: list[str],
    parts: list[tuple[Int64Array, int, Int64Array]],
) -> Knowledge:
    """Put the parts together; a relation without a fact is left out."""
    used = sorted({number for heads, number, _ in parts if len(heads)})
    place = {number: row for row, number in enumerate(used)}
    kept = [part for part in parts if part[1] in place]
    none = np.empty(0, dtype=np.int64)
    head = np.concatenate([none, *(heads for heads, _, _ in kept)])
    kind = np.concatenate([none, *(np.full(len(one), place[n]) for one, n, _ in kept)])
    tail = np.concatenate([none, *(tails for _, _, tails in kept)])
    names = tuple(relations[number] for number in used)
    return Knowledge.of(counts, entities.ids, names, (head, kind, tail))
