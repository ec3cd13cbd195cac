"""Node similarity by shared neighbours (``cypher/similarity``): two nodes, one node, all nodes.

Edges count in both directions and parallel edges once, so every measure is that of the simple
undirected graph (Liben-Nowell and Kleinberg 2007; Adamic and Adar 2003).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from engine.data.adjacency import Graph
from engine.data.arrays import Float64Array, Int32Array, IntArray
from engine.data.vocabulary import Vocabulary
from engine.errors import UsageError
from engine.graph.name_checks import check_ids, check_names
from engine.graph.pulling import edge_pages, projection
from engine.graph.pulling.edge_pages import EVENTS, Triple
from engine.graph.pulling.projection import Orientation
from engine.store.graph_client import GraphClient

MEASURES = ("common_neighbours", "jaccard", "cosine", "adamic_adar")
_IN_GDS = {"jaccard": "JACCARD", "cosine": "COSINE"}
MAX_DEGREE = 1_000
MAX_K = 1_000
# Paths of two steps that one product of matrices may hold: 12 bytes each.
_PATHS_AT_ONCE = 20_000_000


@dataclass(frozen=True)
class PairSimilarity:
    """Two nodes compared by their neighbours.

    Attributes:
        neighbours_of_one: How many the first has.
        neighbours_of_other: How many the second has.
        common: How many both have.
    """

    neighbours_of_one: int
    neighbours_of_other: int
    common: int
    jaccard: float
    cosine: float
    adamic_adar: float


@dataclass(frozen=True)
class SimilarNode:
    """A node like another one: its score, and how many neighbours they share."""

    id: str
    score: float
    common: int


@dataclass(frozen=True)
class SimilarPairs:
    """The nodes most like each node, best first, ties by row.

    Attributes:
        ids: Of the rows.
        one: ``(n,) int32`` rows, ascending.
        other: ``(n,) int32`` rows.
        score: ``(n,) float64``, above 0.
    """

    ids: Vocabulary
    one: Int32Array
    other: Int32Array
    score: Float64Array


def compare(
    client: GraphClient, one: str, other: str, *, label: str = "Item", relation: str = "INTERACTED"
) -> PairSimilarity:
    """Compare two nodes of a label by whom a relation joins them to.

    Raises:
        NotFound: A node does not exist.
        UsageError: The graph has no such label or type.
    """
    slots = _slots(client, label, relation)
    rows = client.ask("similarity/pair", slots, one=one, other=other)
    if not rows:
        check_ids(client, "one", label, [one])
        check_ids(client, "other", label, [other])
    return PairSimilarity(**rows[0])


def most_similar(
    client: GraphClient,
    one: str,
    measure: str = "jaccard",
    *,
    k: int = 10,
    label: str = "Item",
    relation: str = "INTERACTED",
    max_degree: int = MAX_DEGREE,
) -> list[SimilarNode]:
    """Return the ``k`` nodes most like one, best first.

    Args:
        client: The graph.
        one: Id of the node.
        measure: One of ``MEASURES``.
        k: How many, 1 to 1000.
        label: Of the node and of those like it.
        relation: Type of the edges that count.
        max_degree: A middle node with more edges is left out.

    Raises:
        NotFound: The node does not exist.
        UsageError: The graph has no such label or type, or a value is out of range.
    """
    _check_measure(measure)
    slots = _slots(client, label, relation)
    rows = client.ask(f"similarity/{measure}", slots, one=one, k=k, max_degree=max_degree)
    if not rows:
        check_ids(client, "one", label, [one])
    return [SimilarNode(**row) for row in rows]


def of_all(
    client: GraphClient,
    measure: str = "jaccard",
    *,
    k: int = 10,
    label: str = "Item",
    triple: Triple = EVENTS,
    gds: bool | None = None,
) -> SimilarPairs:
    """Return the ``k`` nodes most like each node of a label.

    Args:
        client: The graph.
        measure: One of ``MEASURES``; Jaccard and cosine can be had from the plugin.
        k: How many for each, 1 to 1000.
        label: The head or the tail of ``triple``.
        triple: The edges that count.
        gds: Whether to work in the plugin; None: where the server has it and it can.

    Raises:
        UsageError: The graph has no such label or type, or a value is out of range.
    """
    _check_measure(measure)
    _check_k(k)
    if label not in (triple.head, triple.tail):
        raise UsageError(f"parameter label must be {triple.head} or {triple.tail}, not {label!r}")
    if gds is None:
        gds = client.server.gds is not None and measure in _IN_GDS
        gds = gds and projection.fits_gds(client, [triple])
    if not gds:
        graph = projection.pull_graph(client, [triple], merge=True)
        return of_all_pulled(graph, label, measure, k=k)
    if measure not in _IN_GDS:
        raise UsageError(f"parameter measure: GDS has {' and '.join(_IN_GDS)}, not {measure}")
    return _of_all_in_gds(client, label, triple, _IN_GDS[measure], k)


def of_all_pulled(
    graph: Graph,
    label: str,
    measure: str = "jaccard",
    *,
    k: int = 10,
    max_degree: int | None = None,
) -> SimilarPairs:
    """Return the ``k`` nodes most like each node of a label, by products of sparse matrices.

    Args:
        graph: Undirected and merged.
        label: Of the nodes to compare.
        measure: One of ``MEASURES``.
        k: How many for each, 1 to 1000.
        max_degree: A middle node with more neighbours is left out; None: all count.

    Raises:
        UsageError: The graph has no such label, or a value is out of range.
    """
    _check_measure(measure)
    _check_k(k)
    if label not in graph.nodes:
        raise UsageError(f"parameter label: the graph has {', '.join(graph.nodes)}, not {label!r}")
    joined = graph.scipy()[graph.span(label)]
    joined.data[:] = 1.0
    degree = graph.degree.astype(np.float64)
    if max_degree is not None:
        joined = (joined @ sparse.diags_array((degree <= max_degree).astype(np.float64))).tocsr()
        joined.eliminate_zeros()
    worth = np.ones(len(graph))
    if measure == "adamic_adar":
        # A neighbour of degree 1 is shared by no two nodes.
        worth = 1.0 / np.log(np.maximum(degree, 2.0))
    back = sparse.csr_array((joined @ sparse.diags_array(worth)).T)
    own = np.diff(joined.indptr)
    found = [
        _best(_scored(joined[rows] @ back, rows, own, measure), rows.start, k)
        for rows in _chunks(joined, np.diff(back.indptr))
    ]
    columns = [np.concatenate(column) for column in zip(*found, strict=True)] if found else []
    one, other, score = columns or [np.empty(0)] * 3
    return SimilarPairs(graph.nodes[label], one.astype(np.int32), other.astype(np.int32), score)


def _scored(
    product: sparse.csr_array, rows: slice, own: IntArray, measure: str
) -> sparse.coo_array:
    """Turn what rows share with every row into scores, without the rows themselves."""
    shared = product.tocoo()
    one = shared.row + rows.start
    other, score = shared.col, shared.data
    if measure == "jaccard":
        score = score / (own[one] + own[other] - score)
    elif measure == "cosine":
        score = score / np.sqrt(own[one].astype(np.float64) * own[other])
    kept = one != other
    return sparse.coo_array(
        (score[kept], (shared.row[kept], other[kept])), shape=(product.shape[0], len(own))
    )


def _best(scores: sparse.coo_array, start: int, k: int) -> tuple[IntArray, IntArray, Float64Array]:
    """Return row, column and score of the best ``k`` of each row."""
    order = np.lexsort((scores.col, -scores.data, scores.row))
    row = scores.row[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    order = order[rank < k]
    return scores.row[order] + start, scores.col[order], scores.data[order]


def _chunks(joined: sparse.csr_array, degree: IntArray) -> Iterator[slice]:
    """Yield runs of rows whose paths of two steps fit in memory."""
    steps = np.concatenate([[0], np.cumsum(degree[joined.indices], dtype=np.int64)])
    paths = steps[joined.indptr]
    start, n = 0, joined.shape[0]
    while start < n:
        end = int(np.searchsorted(paths, paths[start] + _PATHS_AT_ONCE, side="right")) - 1
        end = min(max(end, start + 1), n)
        yield slice(start, end)
        start = end


def _of_all_in_gds(
    client: GraphClient, label: str, triple: Triple, metric: str, k: int
) -> SimilarPairs:
    orientation: Orientation
    if triple.head == triple.tail:
        orientation = "UNDIRECTED"
    else:
        # Only the nodes that edges leave are compared.
        orientation = "NATURAL" if label == triple.head else "REVERSE"
    nodes = edge_pages.pull_nodes(client, label)
    with projection.in_gds(client, [triple], orientation=orientation, merge=True) as projected:
        row = client.ask("project/similarity_in_gds", graph=projected.name, metric=metric, k=k)[0]
    one, other = (nodes.find(np.array(row[end], dtype=np.int64)) for end in ("one", "other"))
    score = np.array(row["score"], dtype=np.float64)
    order = np.lexsort((other, -score, one))
    return SimilarPairs(nodes.ids, one[order], other[order], score[order])


def _slots(client: GraphClient, label: str, relation: str) -> dict[str, str]:
    check_names(client, "label", {"label": label})
    check_names(client, "relation", {"relation": relation})
    return {"label": label, "relation": relation}


def _check_measure(measure: str, known: Sequence[str] = MEASURES) -> None:
    if measure not in known:
        raise UsageError(f"parameter measure must be one of {', '.join(known)}, not {measure!r}")


def _check_k(k: int) -> None:
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= MAX_K:
        raise UsageError(f"parameter k must be a whole number from 1 up to {MAX_K}, not {k!r}")
