"""Visit counts in plain Cypher and on the pulled graph come to the same closed form."""

import neo4j
import numpy as np
import pytest

from engine.data.walking.visit_counts import VisitPlan, visit_counts
from engine.graph.pulling.projection import pull_graph
from engine.store.graph_client import GraphClient

_BOUGHT = [["a", "v"], ["a", "v"], ["a", "w"], ["b", "v"], ["b", "x"], ["c", "w"], ["c", "x"]]
_BOUGHT += [["d", "w"], ["d", "y"]]
_LOAD = """
CREATE (:Item {id: 'z'})
WITH 1 AS one
UNWIND $pairs AS pair MERGE (u:User {id: pair[0]}) MERGE (i:Item {id: pair[1]})
CREATE (u)-[:INTERACTED]->(i)
"""


@pytest.mark.parametrize("restart", [0.0, 0.5])
def test_both_paths_come_to_the_closed_form(
    graph: GraphClient, bare_driver: neo4j.Driver, restart: float
) -> None:
    with bare_driver.session() as session:
        session.run(_LOAD, pairs=_BOUGHT).consume()
    bought = np.zeros((4, 4))
    for user, item in _BOUGHT:
        bought["abcd".index(user), "vwxy".index(item)] = 1
    step = (bought / bought.sum(axis=0)).T @ (bought / bought.sum(axis=1, keepdims=True))
    place, visits = np.eye(4), np.zeros((4, 4))
    for _ in range(3):
        place = (restart * np.eye(4) + (1 - restart) * place) @ step
        visits += place
    np.fill_diagonal(visits, 0)
    exact = visits / visits.sum(axis=1, keepdims=True)

    plan = VisitPlan(top=4, walks=20_000, length=3, restart=restart)
    pulled = pull_graph(graph, merge=True)
    found = visit_counts(pulled, np.random.default_rng(8), plan)
    shares = np.zeros((5, 6))
    np.put_along_axis(shares, found.neighbours.astype(np.int64), found.weights, axis=1)
    np.testing.assert_allclose(shares[:4, :4], exact, atol=0.015)
    for row, item in enumerate("vwxy"):
        listed = graph.ask(
            "neighbours/visit_counts", start=item, walks=3_000, length=3, restart=restart
        )
        weights = {one["id"]: one["weight"] for one in listed}
        seen = [weights.pop(other, 0.0) for other in "vwxy"]
        np.testing.assert_allclose(seen, exact[row], atol=0.06)
        assert not weights
        assert sum(one["weight"] for one in listed) == pytest.approx(1)
    assert graph.ask("neighbours/visit_counts", start="z") == []
