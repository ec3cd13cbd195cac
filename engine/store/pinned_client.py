"""A client to which a generation is the one in service, whichever is.

So a variant of an experiment is listed by the statements that serve everybody.
"""

from typing import Any
from weakref import WeakKeyDictionary

from engine.store.graph_client import GraphClient, Idents, Row
from engine.store.statements import statement

_PARAMETER = "pinned"


class PinnedClient(GraphClient):
    """Shares the connections of another client and is closed with it.

    Args:
        client: Whose connections.
        generation: Its number; whether the graph has it is found when something is asked.
    """

    def __init__(self, client: GraphClient, generation: int) -> None:
        self.__dict__.update(client.__dict__)
        self.pinned = generation

    def ask(
        self, name: str, idents: Idents = None, *, timeout: float | None = None, **given: Any
    ) -> list[Row]:
        """Run a statement; one that asks for the generation in service asks for the pinned one."""
        if _PARAMETER in statement(name, cypher25=self._cypher25, idents=idents).params:
            given[_PARAMETER] = self.pinned
        return super().ask(name, idents, timeout=timeout, **given)


_PINNED: "WeakKeyDictionary[GraphClient, dict[int, PinnedClient]]" = WeakKeyDictionary()


def pinned_to(client: GraphClient, generation: int) -> PinnedClient:
    """Return the client of a generation, each time the same: caches are kept by client."""
    known = _PINNED.setdefault(client, {})
    return known.setdefault(generation, PinnedClient(client, generation))
