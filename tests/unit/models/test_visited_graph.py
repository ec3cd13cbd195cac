import numpy as np

from engine.data.interactions import Interactions
from engine.data.walking.visit_counts import VisitPlan
from engine.models.visited_graph import VisitedGraph

PLAN = VisitPlan(top=6, walks=4_000, length=4)


def shares(neighbours: np.ndarray, weights: np.ndarray) -> np.ndarray:
    found = np.zeros((len(neighbours), 8))
    np.put_along_axis(found, neighbours.astype(np.int64), weights, axis=1)
    return found[:, :7]


def test_a_known_item_given_as_new_visits_what_it_visits(small_graph: Interactions) -> None:
    graph = VisitedGraph(small_graph, PLAN)
    user, item = small_graph.csr(binary=True).nonzero()
    chosen = np.isin(item, (1, 4))
    new = np.where(item[chosen] == 1, 0, 2)
    degree, counts = graph.unseen(3, (np.repeat(new, 2), np.repeat(user[chosen], 2)))
    assert degree.tolist() == [graph.degree[1], 0, graph.degree[4]]
    assert (counts.neighbours[1] == -1).all()
    found = shares(counts.neighbours, counts.weights)
    known = shares(graph.counts.neighbours, graph.counts.weights)
    for at, row in ((0, 1), (2, 4)):
        # The new one also visits the known one that it equals; the others' shares stay.
        others = np.delete(found[at], row)
        np.testing.assert_allclose(others / others.sum(), np.delete(known[row], row), atol=0.05)


def test_in_the_limit_shares_are_those_of_the_walk_s_own_chances(
    small_graph: Interactions,
) -> None:
    plan = VisitPlan(top=6, walks=30_000, length=4, restart=0.5)
    found = VisitedGraph(small_graph, plan).counts
    had = small_graph.csr(binary=True).toarray()[:8, :6].astype(float)
    step = (had / had.sum(axis=0)).T @ (had / had.sum(axis=1, keepdims=True))
    place, visits = np.eye(6), np.zeros((6, 6))
    for _ in range(4):
        place = (0.5 * np.eye(6) + 0.5 * place) @ step
        visits += place
    np.fill_diagonal(visits, 0)
    exact = visits / visits.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares(found.neighbours, found.weights)[:6, :6], exact, atol=0.01)


def test_without_walks_nobody_is_visited(small_graph: Interactions) -> None:
    graph = VisitedGraph(small_graph, None)
    assert (graph.counts.neighbours == -1).all()
    assert not graph.counts.weights.any()
    assert graph.degree[6] == 0


def test_the_walks_are_the_same_every_time(small_graph: Interactions) -> None:
    one, other = (VisitedGraph(small_graph, PLAN).counts for _ in range(2))
    np.testing.assert_array_equal(one.neighbours, other.neighbours)
    np.testing.assert_array_equal(one.weights, other.weights)
