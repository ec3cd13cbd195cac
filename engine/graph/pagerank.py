"""PageRank of the nodes of the graph, by one of two paths; ``power_iteration`` has the definition.

The Graph Data Science plugin leaves out what dangling nodes give back, and scores do not add up to
1. Both are multiples of ``(I - d P)^-1 r``, so its scores divided by their sum are the answer.
Undamped (d = 1) it has none; then, and on servers without it, the graph is pulled and iterated
here.
"""

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from engine.data.arrays import Float64Array, Int64Array
from engine.errors import UsageError
from engine.graph.power_iteration import (
    PageRankOptions,
    PageRankScores,
    bad_weight,
    no_node,
    of_pulled,
)
from engine.graph.pulling import edge_pages, projection
from engine.graph.pulling.edge_pages import EVENTS, Nodes, Triple
from engine.store.graph_client import GraphClient

_PROPERTY = re.compile(r"pagerank(_[a-z0-9_]{1,40})?")
_ROWS_PER_WRITE = 5_000
_INDEXED = {"User": "id", "Item": "id", "Entity": "key"}


def pagerank(
    client: GraphClient,
    triples: Sequence[Triple] = (EVENTS,),
    options: PageRankOptions | None = None,
) -> PageRankScores:
    """Rank all nodes of the labels that some kinds of edges join.

    Args:
        client: The graph.
        triples: Kinds of edges; parallel edges count each.
        options: How.

    Raises:
        NotFound: A node to restart from does not exist.
        UsageError: The graph has no such label, type or property; a weight is below 0 or no number;
            the plugin was asked for and is not there.
    """
    options = options or PageRankOptions()
    gds = options.gds
    if gds is None:
        gds = client.server.gds is not None and options.damping < 1.0
        if gds:
            projection.check_triples(client, triples, options.weight)
            gds = projection.fits_gds(client, triples)
    if gds:
        return _in_gds(client, triples, options)
    graph = projection.pull_graph(
        client, triples, undirected=options.undirected, weight=options.weight
    )
    return of_pulled(graph, options)


def write_back(client: GraphClient, ranking: PageRankScores, name: str = "pagerank") -> int:
    """Write the scores on their nodes as a property, some thousands at a time.

    Args:
        client: The graph.
        ranking: What to write.
        name: ``pagerank``, or ``pagerank_`` and small letters, digits or ``_``.

    Returns:
        How many nodes have it now; fewer than ranked where some are gone.

    Raises:
        UsageError: The name is another.
    """
    if not _PROPERTY.fullmatch(name):
        raise UsageError(
            f"parameter property cannot be {name!r}", hint="pagerank, or such as pagerank_by_trust"
        )
    written = 0
    for label, ids in ranking.nodes.items():
        keys = list(ids.ids)
        slots = {"label": label, "key": _INDEXED.get(label, "key"), "property": name}
        if label not in _INDEXED:  # a type of entity: ids are indexed as part of the key
            slots["label"], keys = "Entity", [f"{label}:{id_}" for id_ in keys]
        rows = list(zip(keys, ranking.of(label).tolist(), strict=True))
        for start in range(0, len(rows), _ROWS_PER_WRITE):
            some = [list(row) for row in rows[start : start + _ROWS_PER_WRITE]]
            written += client.write("project/write_scores", slots, rows=some)[0]["written"]
    return written


def _in_gds(
    client: GraphClient, triples: Sequence[Triple], options: PageRankOptions
) -> PageRankScores:
    labels = list(dict.fromkeys(label for one in triples for label in (one.head, one.tail)))
    orientation: projection.Orientation = "UNDIRECTED" if options.undirected else "NATURAL"
    configuration: dict[str, Any] = {
        "dampingFactor": options.damping,
        "maxIterations": options.iterations,
        "tolerance": options.tolerance,
    }
    if options.weight is not None:
        _check_weights(client, triples, options.weight)
        configuration["relationshipWeightProperty"] = options.weight
    with (
        ThreadPoolExecutor(1) as pool,
        projection.in_gds(
            client, triples, orientation=orientation, weight=options.weight
        ) as projected,
    ):
        listing = pool.submit(lambda: [edge_pages.pull_nodes(client, label) for label in labels])
        if options.restart:
            known = dict(zip(labels, listing.result(), strict=True))
            configuration["sourceNodes"] = _numbers(known, options.restart)
            # Its scores then add up to about the size of the set, not to the number of nodes.
            configuration["tolerance"] *= len(configuration["sourceNodes"]) / projected.n_nodes
        row = client.ask(
            "project/pagerank_in_gds", graph=projected.name, configuration=configuration
        )[0]
        nodes = dict(zip(labels, listing.result(), strict=True))
    numbers = np.array(row["nodes"], dtype=np.int64)
    found = np.array(row["scores"], dtype=np.float64)
    scores = [_placed(one, numbers, found) for one in nodes.values()]
    joined = np.concatenate(scores)
    return PageRankScores(
        {label: one.ids for label, one in nodes.items()}, joined / (joined.sum() or 1.0)
    )


def _placed(nodes: Nodes, numbers: Int64Array, scores: Float64Array) -> Float64Array:
    """Return the scores of the nodes of one label, in the order of their ids."""
    rows = nodes.find(numbers)
    placed = np.zeros(len(nodes.ids))
    placed[rows[rows >= 0]] = scores[rows >= 0]
    return placed


def _numbers(known: Mapping[str, Nodes], restart: Sequence[tuple[str, str]]) -> list[int]:
    """Return the server's numbers of the nodes to restart from."""
    found = []
    for label, id_ in dict.fromkeys(restart):
        row = known[label].ids.index_of(id_) if label in known else None
        if row is None:
            raise no_node(label, id_)
        found.append(int(np.flatnonzero(known[label].rows == row)[0]))
    return found


def _check_weights(client: GraphClient, triples: Sequence[Triple], weight: str) -> None:
    """Refuse weights that the plugin would pass over in silence."""
    for one in triples:
        row = client.read("project/weights", one.slots() | {"weight": weight})[0]
        if row["no_number"] or (row["least"] or 0.0) < 0.0:
            raise bad_weight(weight)
