"""A client to which a generation is the one in service, whichever is.

So a variant of an experiment is listed by the statements that serve everybody; and so is a list of
the past, where the client knows nothing that a user did after a moment.
"""

from typing import Any
from weakref import WeakKeyDictionary

from engine.store.graph_client import GraphClient, Idents, Row
from engine.store.statements import statement


class PinnedClient(GraphClient):
    """Shares the connections of another client and is closed with it.

    Args:
        client: Whose connections.
        generation: Its number; whether the graph has it is found when something is asked.

    Attributes:
        until: Epoch milliseconds: what a user did later is not known; None: all of it is.
    """

    until: int | None = None

    def __init__(self, client: GraphClient, generation: int) -> None:
        self.__dict__.update(client.__dict__)
        self.pinned = generation

    def ask(
        self, name: str, idents: Idents = None, *, timeout: float | None = None, **given: Any
    ) -> list[Row]:
        """Run a statement; one that asks for the generation in service asks for the pinned one."""
        taken = statement(name, cypher25=self._cypher25, idents=idents).params
        held = {"pinned": self.pinned, "until": self.until, "as_of": self.until}
        given |= {parameter: value for parameter, value in held.items() if parameter in taken}
        return super().ask(name, idents, timeout=timeout, **given)


_PINNED: "WeakKeyDictionary[GraphClient, dict[int, PinnedClient]]" = WeakKeyDictionary()


def pinned_to(client: GraphClient, generation: int) -> PinnedClient:
    """Return the client of a generation, each time the same: caches are kept by client."""
    known = _PINNED.setdefault(client, {})
    return known.setdefault(generation, PinnedClient(client, generation))
