"""What a test changed in a graph that its file shares, undone."""

from dataclasses import dataclass
from typing import Any

import neo4j

_NODES = "MATCH (n) RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS properties"
_LINKS = """
MATCH (a)-[r]->(b)
RETURN elementId(r) AS id, properties(r) AS properties,
       [type(r), elementId(a), elementId(b)] AS joins
"""
_DELETE = """
MATCH (n) WHERE elementId(n) IN $nodes DETACH DELETE n
"""
_UNLINK = "MATCH ()-[r]->() WHERE elementId(r) IN $links DELETE r"
_RESET = """
UNWIND $rows AS row MATCH (n) WHERE elementId(n) = row.id SET n = row.properties
"""
_RESET_LINKS = """
UNWIND $rows AS row MATCH ()-[r]->() WHERE elementId(r) = row.id SET r = row.properties
"""
_LINK = """
CYPHER 25 UNWIND $rows AS row
MATCH (a) WHERE elementId(a) = row.joins[1] MATCH (b) WHERE elementId(b) = row.joins[2]
CREATE (a)-[r:$(row.joins[0])]->(b) SET r = row.properties
"""
_INDEXES = "SHOW VECTOR INDEXES YIELD name RETURN name"

Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Content:
    """Nodes and relationships by their element id, and the names of the vector indexes."""

    nodes: Rows
    links: Rows
    indexes: frozenset[str]

    @classmethod
    def of(cls, session: neo4j.Session) -> "Content":
        """Read everything: for small graphs."""
        return cls(
            {row["id"]: row for row in session.run(_NODES).data()},
            {row["id"]: row for row in session.run(_LINKS).data()},
            frozenset(session.run(_INDEXES).value("name")),
        )

    def is_in(self, session: neo4j.Session) -> bool:
        """Tell whether the graph holds this and nothing else."""
        count = session.run("MATCH (n) RETURN count(n) AS n").single(strict=True)["n"]
        return count == len(self.nodes) and Content.of(session) == self

    def restore(self, session: neo4j.Session) -> None:
        """Make the graph hold this again.

        Raises:
            AssertionError: A node or a vector index is gone: such a test needs a graph of its own.
        """
        now = Content.of(session)
        for name in now.indexes - self.indexes:
            session.run(f"DROP INDEX `{name}`").consume()
        assert self.indexes <= now.indexes, "a test dropped an index of its file's graph"
        for id_, row in self.nodes.items():
            assert now.nodes.get(id_, {}).get("labels") == row["labels"], "a node is gone"
        # The server gives the id of a deleted relationship to a new one: what it joins counts.
        strange = [
            id_
            for id_, row in now.links.items()
            if row["joins"] != self.links.get(id_, {}).get("joins")
        ]
        session.run(_UNLINK, links=strange).consume()
        session.run(_DELETE, nodes=list(now.nodes.keys() - self.nodes.keys())).consume()
        kept = now.links.keys() - set(strange)
        gone = [row for id_, row in self.links.items() if id_ not in kept]
        session.run(_LINK, rows=gone).consume()
        nodes = [row for id_, row in self.nodes.items() if row != now.nodes[id_]]
        session.run(_RESET, rows=nodes).consume()
        links = [row for id_, row in self.links.items() if id_ in kept and row != now.links[id_]]
        session.run(_RESET_LINKS, rows=links).consume()
