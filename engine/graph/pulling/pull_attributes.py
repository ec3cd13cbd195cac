"""Pull the attributes of users and items."""

from typing import Any, Literal

from engine.store.graph_client import GraphClient

_NOT_ATTRIBUTES = ("id", "name", "hidden", "expires_at")
"""Attributes that identify a node or are a rule of their own: nothing to learn from."""


def pull_attributes(
    client: GraphClient, label: Literal["User", "Item"]
) -> dict[str, dict[str, Any]]:
    """Return id to attributes of every user or item that has any."""
    rows = client.stream("pull/attributes", {"label": label}, without=list(_NOT_ATTRIBUTES))
    return {row["id"]: dict(row["attributes"]) for row in rows if row["attributes"]}
