"""Every Cypher file is understood by the server and returns the columns its header names."""

import neo4j
import pytest

from engine.store.graph_client import GraphClient
from engine.store.statements import Statement, catalogue

_SAMPLES = {
    "property": "embedding_g1",
    "index": "item_embedding_g1",
    "label": "Item",
    "type": "Category",
    "relation": "IN_CATEGORY",
    "attribute": "kind",
    "head": "Item",
    "tail": "Entity",
}


_INDEX = (
    "CYPHER 25 CREATE VECTOR INDEX item_embedding_g1 IF NOT EXISTS FOR (n:Item) "
    "ON n.embedding_g1 WITH [n.kind] OPTIONS {indexConfig: {`vector.dimensions`: 4, "
    "`vector.similarity_function`: 'cosine'}}"
)
_OF_GDS = {name for name, one in catalogue().items() if one.needs == "gds"} | {"server/gds_version"}
_ALL = [
    pytest.param(one, id=name, marks=[pytest.mark.gds] if name in _OF_GDS else [])
    for name, one in sorted(catalogue().items())
]


@pytest.fixture(scope="module")
def graph(graph_of_file: GraphClient, bare_driver: neo4j.Driver) -> GraphClient:
    """One empty graph for all: nothing is run. An index must be there to be understood."""
    if graph_of_file.server.cypher25:
        with bare_driver.session() as session:
            session.run(_INDEX).consume()
    return graph_of_file


@pytest.mark.parametrize("one", _ALL)
def test_explain(one: Statement, graph: GraphClient, bare_driver: neo4j.Driver) -> None:
    if one.dialect == "25" and not graph.server.cypher25:
        pytest.fail("the supported test servers speak Cypher 25")
    if one.mode == "schema":
        return  # schema commands cannot be EXPLAINed with parameters; their own tests run them
    query = one.query({slot: _SAMPLES.get(slot, "sample") for slot in one.idents}).text
    head, _, rest = query.partition("CYPHER 25")
    text = f"{head}CYPHER 25 EXPLAIN {rest}" if rest else f"EXPLAIN {query}"
    with bare_driver.session() as session:
        result = session.run(text, dict.fromkeys(one.params))  # type: ignore[arg-type]
        keys = list(result.keys())
        result.consume()
    assert keys == list(one.columns)
