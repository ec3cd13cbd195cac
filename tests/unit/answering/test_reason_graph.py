"""The picture of the reasons holds every node and edge once, and nothing that was not found."""

from engine.answering.reason_graph import ReasonEdge, draw
from engine.answering.users_and_reasons import Explanation
from engine.graph.lists.evidence import Evidence, Joint, Neighbour
from engine.graph.lists.knowledge_paths import KnowledgePath


def _path(via: str, entity: str, score: float, second: str = "MADE_BY") -> KnowledgePath:
    return KnowledgePath(score, via, via.upper(), 2, 1.5, "MADE_BY", entity, None, "Brand", second)


def _why(paths: tuple[KnowledgePath, ...], **found: object) -> Explanation:
    nothing = {"events": 9, "bought": 0, "alike": (), "together": None, "after": None}
    evidence = Evidence(user="x", item="x", name="X", **nothing | found)  # type: ignore[arg-type]
    return Explanation("because", evidence, paths)


def test_what_nothing_joins_are_two_nodes_apart() -> None:
    drawn = draw(_why(()))
    # A user and an item of the same id stay two.
    assert [(node.key, node.kind) for node in drawn.nodes] == [
        ("user:x", "user"),
        ("item:x", "item"),
    ]
    assert drawn.edges == ()


def test_paths_and_neighbours_share_their_nodes() -> None:
    paths = (_path("a", "1", 0.9), _path("a", "2", 0.5), _path("b", "1", 0.4))
    alike = (Neighbour("a", "A", 0.8, 0.6, 3), Neighbour("c", None, 0.7, 0.2, 1))
    drawn = draw(_why(paths, alike=alike, together=Joint("b", "B", 12), bought=1))
    assert [node.key for node in drawn.nodes] == [
        "user:x", "item:a", "entity:Brand:1", "entity:Brand:2", "item:b", "item:c", "item:x",
    ]  # fmt: skip
    assert set(drawn.edges) == {
        ReasonEdge("user:x", "item:x", "had", None, 1.0),
        ReasonEdge("user:x", "item:a", "had", None, 2.0),
        ReasonEdge("user:x", "item:b", "had", None, 2.0),
        ReasonEdge("user:x", "item:c", "had", None, 1.0),
        ReasonEdge("item:a", "entity:Brand:1", "fact", "MADE_BY", 0.9),
        ReasonEdge("item:a", "entity:Brand:2", "fact", "MADE_BY", 0.5),
        ReasonEdge("item:b", "entity:Brand:1", "fact", "MADE_BY", 0.4),
        ReasonEdge("item:x", "entity:Brand:1", "fact", "MADE_BY", 0.9),
        ReasonEdge("item:x", "entity:Brand:2", "fact", "MADE_BY", 0.5),
        ReasonEdge("item:a", "item:x", "alike", None, 0.6),
        ReasonEdge("item:c", "item:x", "alike", None, 0.2),
        ReasonEdge("item:b", "item:x", "together", None, 12.0),
    }
    assert len(drawn.edges) == 12


def test_one_entity_two_relations_are_two_edges() -> None:
    drawn = draw(
        _why((_path("a", "1", 0.9), _path("a", "1", 0.9, "SOLD_BY")), after=Joint("d", None, 2))
    )
    facts = [(edge.start, edge.relation) for edge in drawn.edges if edge.kind == "fact"]
    assert facts == [("item:a", "MADE_BY"), ("item:x", "MADE_BY"), ("item:x", "SOLD_BY")]
    assert ReasonEdge("item:d", "item:x", "after", None, 2.0) in drawn.edges
