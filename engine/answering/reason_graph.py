"""The reasons for an item as a small graph: the user, own items, shared entities, the item.

Pure: what was found goes in, nodes and edges come out.
"""

from dataclasses import dataclass
from typing import Literal

from engine.answering.users_and_reasons import Explanation
from engine.graph.lists.knowledge_paths import KnowledgePath

NodeKind = Literal["user", "own", "entity", "item"]
EdgeKind = Literal["had", "fact", "alike", "together", "after"]


@dataclass(frozen=True)
class ReasonNode:
    """Somebody or something.

    Attributes:
        key: What edges call it.
        kind: ``own`` is an item that the user had, ``item`` the one that is explained.
        type: Of an entity, such as ``Brand``.
    """

    key: str
    kind: NodeKind
    id: str
    name: str | None = None
    type: str | None = None


@dataclass(frozen=True)
class ReasonEdge:
    """What joins two nodes.

    Attributes:
        kind: ``had``: events of the user; ``fact``: of the knowledge graph; ``alike``: by the
            vectors in service; ``together``: in baskets; ``after``: the end came after the start.
        relation: Of a fact, such as ``MADE_BY``; else None.
        weight: Events, baskets or times; of ``alike`` the share of the score; of a fact the score
            of the best path over it.
    """

    start: str
    end: str
    kind: EdgeKind
    relation: str | None
    weight: float


@dataclass(frozen=True)
class ReasonGraph:
    """Nodes and edges; the user comes first, the item last."""

    nodes: tuple[ReasonNode, ...]
    edges: tuple[ReasonEdge, ...]


def draw(why: Explanation) -> ReasonGraph:
    """Return the graph of what speaks for an item."""
    return _Drawing(why).graph()


class _Drawing:
    """A graph in the making: every node and every edge stands in it once."""

    def __init__(self, why: Explanation) -> None:
        found = why.evidence
        self._user = ReasonNode(f"user:{found.user}", "user", found.user)
        self._item = ReasonNode(f"item:{found.item}", "item", found.item, found.name)
        self._nodes: dict[str, ReasonNode] = {self._user.key: self._user}
        self._edges: dict[tuple[str, str, str, str | None], ReasonEdge] = {}
        if found.bought:
            self._join(self._user.key, self._item.key, "had", found.bought)
        for path in why.paths:
            self._add_path(path)
        for one in found.alike:
            self._join(self._own(one.id, one.name, one.times), self._item.key, "alike", one.share)
        if found.together:
            joint = found.together
            self._join(self._own(joint.id, joint.name), self._item.key, "together", joint.count)
        if found.after:
            joint = found.after
            self._join(self._own(joint.id, joint.name), self._item.key, "after", joint.count)

    def graph(self) -> ReasonGraph:
        nodes = (*self._nodes.values(), self._item)
        return ReasonGraph(nodes, tuple(self._edges.values()))

    def _add_path(self, path: KnowledgePath) -> None:
        own = self._own(path.via, path.via_name, path.events)
        key = f"entity:{path.type or ''}:{path.entity}"
        entity = ReasonNode(key, "entity", path.entity, path.entity_name, path.type)
        self._nodes.setdefault(key, entity)
        self._join(own, key, "fact", path.score, path.first)
        self._join(self._item.key, key, "fact", path.score, path.second)

    def _own(self, id_: str, name: str | None, times: int = 1) -> str:
        """Return the key of an own item, which is joined to the user."""
        key = f"item:{id_}"
        self._nodes.setdefault(key, ReasonNode(key, "own", id_, name))
        self._join(self._user.key, key, "had", times)
        return key

    def _join(
        self, start: str, end: str, kind: EdgeKind, weight: float, relation: str | None = None
    ) -> None:
        edge = ReasonEdge(start, end, kind, relation, float(weight))
        self._edges.setdefault((start, end, kind, relation), edge)
