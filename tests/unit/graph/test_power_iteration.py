"""PageRank in memory is that of NetworkX, and undamped that of the closed form."""

import networkx as nx
import numpy as np
import pytest

from engine.data.adjacency import EdgeList, Graph
from engine.data.vocabulary import Vocabulary
from engine.errors import NotFound, UsageError
from engine.graph.power_iteration import PageRankOptions, PageRankScores, of_pulled

N = 30


def _both(rng: np.random.Generator, *, undirected: bool, weighted: bool) -> tuple[Graph, nx.Graph]:
    """Return a random graph with parallel edges, loops and lonely nodes, twice."""
    source, target = rng.integers(N - 4, size=(2, 70))
    weights = rng.integers(1, 9, size=70).astype(np.float32) if weighted else None
    nodes = {"User": Vocabulary([f"u{at:02}" for at in range(N)])}
    graph = Graph.from_edges(nodes, EdgeList(source, target, weights), undirected=undirected)
    known = nx.Graph() if undirected else nx.DiGraph()
    known.add_nodes_from(range(N))
    worth = np.ones(70) if weights is None else weights
    for one, two, weight in zip(source.tolist(), target.tolist(), worth.tolist(), strict=True):
        before = known.get_edge_data(one, two, {"weight": 0.0})["weight"]
        known.add_edge(one, two, weight=before + weight)
    return graph, known


@pytest.mark.parametrize("undirected", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("damping", [0.0, 0.5, 0.85])
@pytest.mark.parametrize("restart", [(), (3, 29)])
def test_it_is_that_of_networkx(
    rng: np.random.Generator,
    undirected: bool,
    weighted: bool,
    damping: float,
    restart: tuple[int, ...],
) -> None:
    graph, known = _both(rng, undirected=undirected, weighted=weighted)
    chosen = [("User", f"u{at:02}") for at in restart]
    ranking = of_pulled(graph, PageRankOptions(damping=damping, restart=chosen))
    personal = dict.fromkeys(restart, 1.0) or None
    expected = nx.pagerank(known, damping, personalization=personal, tol=1e-12, max_iter=1_000)
    np.testing.assert_allclose(ranking.scores, [expected[at] for at in range(N)], atol=1e-8)
    assert ranking.converged


def test_undamped_it_is_the_stationary_chance_of_a_walk(rng: np.random.Generator) -> None:
    # On two sides, where power iteration alone swaps them for ever: degree / sum of degrees.
    users, items = Vocabulary([f"u{at}" for at in range(5)]), Vocabulary(["a", "b", "c", "d"])
    source, target = np.nonzero(np.ones((5, 4)) - np.eye(5, 4))
    edges = EdgeList(source, target + 5, rng.integers(1, 5, size=len(source)).astype(np.float32))
    graph = Graph.from_edges({"User": users, "Item": items}, edges, undirected=True)
    ranking = of_pulled(graph, PageRankOptions(damping=1.0, tolerance=1e-12))
    degree = graph.scipy().sum(axis=1)
    np.testing.assert_allclose(ranking.scores, degree / degree.sum(), atol=1e-9)


def test_undamped_dangling_mass_is_spread() -> None:
    # A chain a -> b with b dangling: x_a = x_b / 2, x_b = x_a + x_b / 2.
    graph = Graph.from_edges(
        {"User": Vocabulary(["a", "b"])}, EdgeList(np.array([0]), np.array([1]))
    )
    scores = of_pulled(graph, PageRankOptions(damping=1.0, tolerance=1e-12)).scores
    np.testing.assert_allclose(scores, [1 / 3, 2 / 3], atol=1e-9)


def test_too_few_iterations_are_told(rng: np.random.Generator) -> None:
    graph, _ = _both(rng, undirected=True, weighted=False)
    ranking = of_pulled(graph, PageRankOptions(iterations=3))
    assert (ranking.converged, ranking.iterations) == (False, 3)


def test_the_best_come_first_and_ties_by_name() -> None:
    nodes = {"User": Vocabulary(["b", "c"]), "Item": Vocabulary(["a"])}
    ranking = PageRankScores(nodes, np.array([0.25, 0.5, 0.25]))
    assert [(one.label, one.id) for one in ranking.top(2)] == [("User", "c"), ("Item", "a")]
    assert [one.id for one in ranking.top(5, "User")] == ["c", "b"]
    for n in (0, -1):
        with pytest.raises(UsageError, match="parameter n"):
            ranking.top(n)
    with pytest.raises(UsageError, match="parameter label"):
        ranking.top(1, "Brand")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"damping": 1.1}, "damping"),
        ({"damping": -0.1}, "damping"),
        ({"damping": float("nan")}, "damping"),
        ({"damping": "0.85"}, "damping"),
        ({"tolerance": -1e-9}, "tolerance"),
        ({"iterations": 0}, "iterations"),
        ({"iterations": 2.5}, "iterations"),
        ({"damping": 1.0, "gds": True}, "damping"),
    ],
)
def test_bad_options_are_named(given: dict[str, float], name: str) -> None:
    with pytest.raises(UsageError, match=f"parameter {name}"):
        PageRankOptions(**given)  # type: ignore[arg-type]


def test_bad_graphs_are_named(rng: np.random.Generator) -> None:
    graph, _ = _both(rng, undirected=False, weighted=True)
    with pytest.raises(NotFound, match="parameter restart: there is no User 'nobody'"):
        of_pulled(graph, PageRankOptions(restart=[("User", "nobody")]))
    assert graph.weights is not None
    for bad in (-1.0, np.nan):
        graph.weights[3] = bad
        with pytest.raises(UsageError, match="parameter weight"):
            of_pulled(graph, PageRankOptions(weight="rating"))


def test_no_node_has_no_rank() -> None:
    nothing = np.empty(0, dtype=np.int32)
    graph = Graph.from_edges({"User": Vocabulary([])}, EdgeList(nothing, nothing))
    assert of_pulled(graph).top() == []
