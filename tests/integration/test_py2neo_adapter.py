"""A ``py2neo.Graph`` gives the rows that GraphClient gives, on a real server."""

from typing import Any

import neo4j
import pytest

from engine.errors import QueryFailed, UsageError
from engine.publishing.item_graphs import BuildRequest, build
from engine.store.graph_client import GraphClient, Neo4jTarget

# py2neo never closes its sockets.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

py2neo = pytest.importorskip("py2neo", reason="the extra py2neo is not installed")
py2neo_adapter = pytest.importorskip("engine.store.py2neo_adapter")

_SHOP = """
UNWIND range(0, 199) AS n
MERGE (u:User {id: 'u' + toString(n % 12)})
MERGE (i:Item {id: 'i' + toString((n * n) % 17)})
SET i.name = 'Nämé ' + i.id, i.kind = ['a', 'b'][n % 2]
CREATE (u)-[:INTERACTED {key: n, event: 'buy', at: 1700000000000 + n * 3600000, weight: n / 7.0,
                         basket: CASE n % 3 WHEN 0 THEN null ELSE 'b' + toString(n / 60) END,
                         batch: 1}]->(i)
MERGE (e:Entity:Brand {key: 'Brand:' + toString(n % 4)}) SET e.id = toString(n % 4)
MERGE (i)-[:MADE_BY]->(e)
WITH u, n
MATCH (other:User {id: 'u' + toString((n / 12 % 3 + n * n) % 12)})
MERGE (u)-[:TRUSTS]->(other)
"""


@pytest.fixture
def old(graph: GraphClient, neo4j_target: Neo4jTarget, bare_driver: neo4j.Driver) -> Any:
    with bare_driver.session() as session:
        session.run(_SHOP).consume()
    build(graph, BuildRequest("co-occurrence", min_count=1))
    build(graph, BuildRequest("sequential"))
    # A Graph is one for each address; kept, as closing it leaves its sockets to the collector.
    return py2neo.Graph(neo4j_target.uri, auth=(neo4j_target.user, neo4j_target.password))


@pytest.mark.parametrize(
    ("name", "idents", "given"),
    [
        ("status/counts", {}, {}),
        ("derive/graphs", {}, {}),
        ("pull/users", {}, {}),
        (
            "similar/bought_together",
            {},
            {"items": ["i1", "i4"], "k": 5, "filters": {"kind": ["a"]}},
        ),
        ("similar/next", {}, {"item": "i1"}),
        ("similar/attributes", {}, {"item": "i1"}),
        ("people/adamic_adar", {"relation": "TRUSTS"}, {"user": "u1"}),
        ("people/friends_of_friends", {"relation": "TRUSTS"}, {"user": "u1", "k": 3}),
        ("knowledge/paths", {}, {"user": "u1", "item": "i4", "kinds": {"buy": 2.0}}),
        ("browse/users_after", {}, {"after": "", "limit": 4}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_rows_are_those_of_the_client(
    name: str, idents: dict[str, str], given: dict[str, Any], old: Any, graph: GraphClient
) -> None:
    rows = graph.ask(name, idents, **given)
    assert rows
    assert all(row.get("found", True) for row in rows)
    assert py2neo_adapter.run(old, name, idents, **given) == rows


def test_errors_are_the_engines_own(old: Any) -> None:
    with pytest.raises(UsageError, match="k must be"):
        py2neo_adapter.run(old, "similar/next", item="i1", k=0)
    with pytest.raises(UsageError, match="read statements only"):
        py2neo_adapter.run(old, "ingest/merge_users", ids=["u99"])
    old.run("MATCH (u:User {id: 'u1'}) SET u.embedding_g98 = [1.0]")  # an index of it there is not
    with pytest.raises(QueryFailed, match=r"Neo\.ClientError"):
        py2neo_adapter.run(
            old,
            "index/nearest_items",
            users=["u1"],
            generation=98,
            fetch=3,
        )
