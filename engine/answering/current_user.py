"""Who is asked about: an id that stands for another user since a merge is answered as that user."""

from collections.abc import Callable
from typing import TypeVar

from engine.errors import NotFound
from engine.graph import aliases
from engine.graph.lists.recommendations import RecommendationList
from engine.store.graph_client import GraphClient

T = TypeVar("T")


def current(graph: GraphClient, user: str) -> str:
    """Return whom an id stands for, which is mostly itself."""
    return aliases.current(graph, [user]).get(user, user)


def of_current_user(graph: GraphClient, user: str, ask: Callable[[str], T]) -> T:
    """Return what is answered about a user, asked once more where only another id knows them.

    Whoever is known by their own id waits for no look-up of another one.

    Raises:
        NotFound: Nobody is known by that id.
    """
    try:
        found = ask(user)
    except NotFound:
        if (other := current(graph, user)) == user:
            raise
        return ask(other)
    if isinstance(found, RecommendationList) and found.basis.served == "unknown-user":
        other = current(graph, user)
        return found if other == user else ask(other)
    return found
