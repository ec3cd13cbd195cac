"""Recommend users to a user over friendships, which are facts between users (``cypher/people``)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.data.entity_kinds import RESERVED_RELATIONS
from engine.errors import NotFound, StoreError, UsageError
from engine.store.graph_client import GraphClient

PeopleMethod = Literal["friends-of-friends", "adamic-adar", "embedding"]
STATEMENTS: Mapping[PeopleMethod, str] = {
    "friends-of-friends": "people/friends_of_friends",
    "adamic-adar": "people/adamic_adar",
    "embedding": "people/by_embedding",
}


@dataclass(frozen=True)
class Person:
    """A user who is recommended.

    Attributes:
        score: Friends shared, the Adamic-Adar index, or a cosine.
        shared: How many friends both have; 0 by embedding.
        capped: Whether somebody on the way has more friends than were counted.
    """

    id: str
    name: str | None
    score: float
    shared: int
    capped: bool


def recommend(
    client: GraphClient, user: str, relation: str, by: PeopleMethod = "adamic-adar", k: int = 10
) -> list[Person]:
    """Return the users that ``user`` may want to know, best first; friends are left out.

    A friendship counts in both directions.

    Args:
        client: The graph.
        user: Id.
        relation: Type of the facts that are friendships; see ``relations``.
        by: How to choose.
        k: How many at most, 1 to 10000.

    Raises:
        NotFound: There is no such user, or nothing to go by; the message says what is missing.
        UsageError: k or ``by`` is not allowed.
    """
    if by not in STATEMENTS:
        raise UsageError(f"by must be one of {', '.join(STATEMENTS)}, not {by!r}")
    slots = {"relation": relation}
    rows = client.ask(STATEMENTS[by], slots, user=user, k=k)
    if not rows:
        _explain(client, user, slots, by)
    return [Person(**row) for row in rows]


def relations(client: GraphClient) -> list[str]:
    """Return the types of facts that lead from users to users."""
    found = []
    for row in client.read("query/relations"):
        if row["relation"] in RESERVED_RELATIONS:
            continue  # the engine's own join users too: those who are alike
        try:
            if client.read("query/joins_users", {"relation": row["relation"]})[0]["joins"]:
                found.append(row["relation"])
        except StoreError:  # not a name of ours: other people's graphs have any text there
            continue
    return found


def _explain(client: GraphClient, user: str, slots: Mapping[str, str], by: PeopleMethod) -> None:
    """Raise when an empty list means that something is missing."""
    person = client.read("query/person", slots, user=user)[0]
    relation = slots["relation"]
    if not person["known"]:
        raise NotFound(f"there is no user {user}", hint="engine status shows how many there are")
    if by == "embedding" and not person["vector"]:
        raise NotFound(f"{user} has no vector in service", hint="engine train && engine publish")
    if by != "embedding" and not person["friends"]:
        raise NotFound(
            f"{user} has no {relation} relation to another user", hint="try --by embedding"
        )
