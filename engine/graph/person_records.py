"""What the graph holds about one user, for whoever asks what is held about them."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.store.graph_client import GraphClient, Row

_MADE_BY_ENGINE = ("embedding_g",)


def attributes(client: GraphClient, user: str) -> Mapping[str, Any] | None:
    """Return what files said of a user; None: there is no such user."""
    found = _properties(client, user)
    if found is None:
        return None
    return {name: one for name, one in found.items() if not name.startswith(_MADE_BY_ENGINE)}


def vectors(client: GraphClient, user: str) -> Iterator[Row]:
    """Yield what generations store on a user: vectors, and lists of items with their counts."""
    found = _properties(client, user) or {}
    for name in sorted(found):
        if name.startswith(_MADE_BY_ENGINE):
            yield {"where": f"graph: {name}", "values": list(found[name])}


def events(client: GraphClient, user: str) -> Iterator[Row]:
    """Yield every event of a user, the oldest first."""
    return client.stream("forget/events", id=user)


def lists(client: GraphClient, user: str) -> Iterator[Row]:
    """Yield every list that a user was shown and that is remembered, the oldest first."""
    return client.stream("forget/shown", id=user)


def facts(client: GraphClient, user: str) -> Iterator[Row]:
    """Yield what a user is joined to by facts."""
    return client.stream("forget/facts", id=user)


def neighbours(client: GraphClient, user: str) -> Iterator[Row]:
    """Yield how like a user others are, without who they are."""
    return client.stream("forget/neighbours", id=user)


def _properties(client: GraphClient, user: str) -> Mapping[str, Any] | None:
    rows = client.read("forget/node", {"label": "User"}, id=user)
    return rows[0]["properties"] if rows else None
