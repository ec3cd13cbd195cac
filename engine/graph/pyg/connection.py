"""Connection: one client for each process, because a forked worker must not share a socket."""

import os
from typing import Any

from engine.store.graph_client import GraphClient

# A client that a fork inherited must not be collected there: that would say goodbye on sockets the
# parent still uses.
_INHERITED: list[GraphClient] = []


class Connection:
    """Gives the client of this process; in another process, forked or spawned, one of its own.

    Pickles as the server and its credentials.
    """

    def __init__(self, client: GraphClient) -> None:
        self._target = client.target
        self._client: GraphClient | None = client
        self._process = os.getpid()

    @property
    def client(self) -> GraphClient:
        """The client of this process."""
        if self._process != os.getpid():
            if self._client is not None:
                _INHERITED.append(self._client)
            self._client, self._process = None, os.getpid()
        if self._client is None:
            self._client = GraphClient(self._target)
        return self._client

    def __getstate__(self) -> dict[str, Any]:
        """Leave the client here."""
        return {"_target": self._target, "_client": None, "_process": -1}
