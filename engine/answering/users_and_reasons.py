"""Recommend users to a user, and explain a recommendation."""

from dataclasses import asdict, dataclass
from typing import Any

from engine.answering.current_user import of_current_user
from engine.data.tabular import Tabular
from engine.errors import NotFound, UsageError
from engine.graph.lists import knowledge_paths, people, ranked
from engine.graph.lists.evidence import Evidence, Joint, Neighbour, evidence
from engine.graph.lists.people import PeopleMethod, Person
from engine.ranking.reasons import JoinedItems, reasons
from engine.store.graph_client import GraphClient

_LOAD = "engine ingest --facts FRIENDS --head-type User --tail-type User"


@dataclass(frozen=True)
class SimilarUsers(Tabular):
    """Users for a user, and the relation that made the friendships."""

    relation: str
    people: tuple[Person, ...]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row per user, best first."""
        return [{"rank": rank} | asdict(one) for rank, one in enumerate(self.people, start=1)]

    def remarks_for_reader(self) -> list[str]:
        """Return the note."""
        return [note] if (note := self.note()) else []

    def note(self) -> str | None:
        """Say what a reader must know about the list, or None."""
        if not self.people:
            return "Every friend of a friend is a friend already."
        if any(one.capped for one in self.people):
            return "Somebody has more friends than were counted: scores may be too low."
        return None


def recommend_users(
    graph: GraphClient, user: str, by: PeopleMethod, k: int, relation: str | None = None
) -> SimilarUsers:
    """Return users for a user; without a relation, the only one between users is taken.

    Raises:
        NotFound: There is no such user, relation or vector.
        UsageError: Several relations join users, or k is out of range.
    """
    chosen = relation_of(graph, relation)
    found = of_current_user(graph, user, lambda id_: people.recommend(graph, id_, chosen, by, k))
    return SimilarUsers(chosen, tuple(found))


@dataclass(frozen=True)
class Explanation(Tabular):
    """Why an item may suit a user: a sentence, what it rests on, and paths over shared facts.

    Attributes:
        ranked: What speaks most for it in the order of the generation in service, the strongest
            first; empty where that has no ranker, or the item is no candidate of the user.
    """

    sentence: str
    evidence: Evidence
    paths: tuple[knowledge_paths.KnowledgePath, ...]
    ranked: tuple[str, ...] = ()

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row per path over shared facts, best first."""
        return [asdict(path) for path in self.paths]

    def remarks_for_reader(self) -> list[str]:
        """Return the sentence, and what the ranker goes by."""
        return [self.sentence, *([f"Ranked by: {'; '.join(self.ranked)}."] if self.ranked else [])]


def explain(graph: GraphClient, user: str, item: str, k: int = 5) -> Explanation:
    """Return why an item may suit a user, with the best ``k`` paths.

    Raises:
        NotFound: There is no such user or item.
        UsageError: k is out of range.
    """
    return of_current_user(graph, user, lambda id_: _explain(graph, id_, item, k))


def _explain(graph: GraphClient, user: str, item: str, k: int) -> Explanation:
    paths = tuple(knowledge_paths.paths(graph, user, item, k))
    found = evidence(graph, user, item)
    return Explanation(found.sentence(paths), found, paths, _ranked(graph, found))


def reason(graph: GraphClient, user: str, item: str) -> str:
    """Return the strongest reason for an item in a few words: ``had 3 times``, ``like green tea``.

    Where the generation in service has a ranker it is what adds most to the item's score.

    Raises:
        NotFound: There is no such user or item.
    """
    found = evidence(graph, user, item)
    if words := next(iter(_ranked(graph, found)), None) or found.reason():
        return words
    return found.reason(knowledge_paths.paths(graph, user, item, 1)) or found.on_it


def _ranked(graph: GraphClient, found: Evidence) -> tuple[str, ...]:
    seen = ranked.item_of(graph, found.user, found.item, found.generation)
    if seen is None:
        return ()
    alike = next(iter(found.alike), None)
    joined = JoinedItems(_name(alike), _name(found.together), _name(found.after))
    return reasons(seen.features, seen.contributions, joined, seen.groups)


def _name(own: Neighbour | Joint | None) -> str | None:
    return None if own is None else own.name or own.id


def relation_of(graph: GraphClient, asked: str | None) -> str:
    """Return the relation that is a friendship: the one asked for, or the only one there is.

    Raises:
        NotFound: No such relation joins users.
        UsageError: Several do, and none was asked for.
    """
    known = people.relations(graph)
    if asked is not None and asked not in known:
        raise NotFound(
            f"relation {asked} joins no users",
            hint="there are: " + ", ".join(known) if known else _LOAD,
        )
    if not known:
        raise NotFound("no facts join users to users", hint=_LOAD)
    if asked is None and len(known) > 1:
        raise UsageError("several relations join users", hint="--relation " + " or ".join(known))
    return asked or known[0]
