"""Gather what a model learns from. May import: ``graph``, ``data``."""

from collections.abc import Collection

from engine.data.material import Material
from engine.graph import pull
from engine.store.graph_client import GraphClient


def gather(client: GraphClient, wants: Collection[str]) -> Material:
    """Pull the events, and of ``features`` and ``facts`` what is wanted."""
    events = pull.pull_interactions(client)
    return Material(events)
