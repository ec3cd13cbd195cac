"""Events of the graph, and what a ranker needs beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.data.arrays import Int32Array, Int64Array
from engine.data.baskets import named_or_by_day
from engine.data.interactions import Interactions
from engine.data.kind_weights import KindWeights
from engine.graph.pulling import pull
from engine.ranking.item_groups import grouping_attributes, groups_of
from engine.store.graph_client import GraphClient


@dataclass(frozen=True, eq=False)
class KnownEvents:
    """Events with their baskets, and attributes of the items.

    Attributes:
        events: All of them.
        baskets: ``(n,) int64``, the number of the basket of each (``named_or_by_day``).
        attributes: Item to its attributes.
    """

    events: Interactions
    baskets: Int64Array
    attributes: Mapping[str, Mapping[str, Any]]

    @classmethod
    def beside(
        cls, graph: GraphClient, events: Interactions, named: Int64Array | None
    ) -> "KnownEvents":
        """Return those of events that were pulled.

        Args:
            graph: Where the items are.
            events: As pulled.
            named: ``(n,)``, a number of the basket that each names, -1 for none; None: none does.
        """
        baskets = named_or_by_day(events, named)
        return cls(events, baskets, pull.pull_attributes(graph, "Item"))

    @classmethod
    def pulled(cls, graph: GraphClient, kinds: KindWeights) -> "KnownEvents":
        """Return all events of a graph that weigh something."""
        return cls.beside(graph, *pull.pull_baskets(graph, kinds=kinds))

    def grouping(self) -> tuple[str, ...]:
        """Return the attributes that group items, the finest first."""
        return grouping_attributes(self.attributes)

    def groups(self, names: Sequence[str]) -> Int32Array:
        """Return the group of each item by each of those attributes, ``(n_items, GROUPS)``."""
        return groups_of(names, self.events.items.ids, self.attributes)
