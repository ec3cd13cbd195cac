"""HubLists: the edges of nodes with very many, kept so that they are read once, not once a batch.

A node's edges are a chain in the store: whoever draws ten of 100,000 walks them all.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping

from engine.data.edge_sampling import NodeEdges


class HubLists:
    """Whole lists of edges, the least recently used thrown out first; thread-safe.

    What is in is as old as when it was read: ``forget`` after loading events.

    Args:
        capacity: Edges held in all; 8 bytes each, 4 more for a weight, 8 more for a moment.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._held = 0
        self._lists: OrderedDict[Hashable, NodeEdges] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._lists)

    @property
    def edges(self) -> int:
        """How many edges are held."""
        return self._held

    def find(self, kind: Hashable, numbers: list[int]) -> dict[int, NodeEdges]:
        """Return those lists of nodes that are here."""
        with self._lock:
            if not self._lists:
                return {}
            found = {}
            for number in numbers:
                key = (kind, number)
                if (held := self._lists.get(key)) is not None:
                    self._lists.move_to_end(key)
                    found[number] = held
            return found

    def keep(self, kind: Hashable, lists: Mapping[int, NodeEdges]) -> None:
        """Hold lists, as many as there is room for."""
        with self._lock:
            for number, edges in lists.items():
                if len(edges) > self._capacity or (kind, number) in self._lists:
                    continue
                self._lists[kind, number] = edges
                self._held += len(edges)
            while self._held > self._capacity:
                _, gone = self._lists.popitem(last=False)
                self._held -= len(gone)

    def forget(self) -> None:
        """Throw everything out."""
        with self._lock:
            self._lists.clear()
            self._held = 0
