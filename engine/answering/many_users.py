"""Lists for many users in one answer, all of one generation.

Personal lists (``for-you``) are made for some users in one query; the others one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.answering.exploring import FindPool, exploration_pool, explored
from engine.answering.sources import ListAnswer, Sources, widened
from engine.errors import Busy, NotBuilt, NotFound
from engine.graph import aliases
from engine.graph.lists import ranked
from engine.graph.lists.item_attributes import with_attributes
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList
from engine.store.graph_client import GraphClient

USERS_PER_QUERY = 25
_TRIES = 3


@dataclass(frozen=True)
class ListsOfUsers:
    """Lists of many users.

    Attributes:
        lists: In the order of the users; their subjects are the ids.
        refused: User to why no list could be made for that user alone.
    """

    lists: tuple[RecommendationList, ...]
    refused: Mapping[str, NotFound]

    @property
    def generation(self) -> int | None:
        """Which embeddings were used, None where none were."""
        return next((one.generation for one in self.lists if one.generation is not None), None)


def recommend_many(
    graph: GraphClient,
    users: Sequence[str],
    question: Question,
    sources: Sources | None = None,
    find_pool: FindPool = exploration_pool,
) -> ListsOfUsers:
    """Return a list for each different user: the same as ``recommend`` would.

    Args:
        graph: Where from.
        users: Ids.
        question: How many, which may be shown, in what order; for everybody.
        sources: Which lists answer; None: ``for-you`` alone.
        find_pool: Returns what is explored, where the question asks for that.

    Raises:
        NotBuilt: The list rests on a model or a graph that is not there yet.
        Busy: Generations come and go faster than lists are made.
    """
    sources = sources or Sources()
    current = aliases.current(graph, users)
    asked = {user: current.get(user, user) for user in users}
    for _ in range(_TRIES):
        made, generations = _attempt(graph, list(dict.fromkeys(asked.values())), question, sources)
        if len(generations) <= 1:
            found = _as_asked(made, asked)
            pool = find_pool(graph) if question.explore else None
            lists = [
                explored(graph, one, question, asked[one.subject], pool) for one in found.lists
            ]
            lists = with_attributes(graph, lists, question.attributes)
            return ListsOfUsers(tuple(lists), found.refused)
    raise Busy("the generation in service changed at every attempt", hint="try again")


def _as_asked(made: ListsOfUsers, asked: Mapping[str, str]) -> ListsOfUsers:
    """Return the lists by the ids that were asked for, of which several may be one user."""
    of_user = {one.subject: one for one in made.lists}
    lists = [
        replace(of_user[current], subject=user)
        for user, current in asked.items()
        if current in of_user
    ]
    refused = {
        user: made.refused[current] for user, current in asked.items() if current in made.refused
    }
    return ListsOfUsers(tuple(lists), refused)


def _attempt(
    graph: GraphClient, users: Sequence[str], question: Question, sources: Sources
) -> tuple[ListsOfUsers, set[int]]:
    """Return the lists, and the generations that they are of."""
    made: Mapping[str, RecommendationList] = {}
    if "for-you" in (sources.by, sources.blend):
        made = _personal(graph, users, widened(question, sources))
    lists, refused, generations = [], {}, set[int]()
    for user in users:
        one = ListAnswer(graph, user, question, sources, made.get(user))
        try:
            lists.append(one.make())
        except NotBuilt:
            raise
        except NotFound as error:
            refused[user] = error
        generations |= one.generations
    return ListsOfUsers(tuple(lists), refused), generations


def _personal(
    graph: GraphClient, users: Sequence[str], question: Question
) -> dict[str, RecommendationList]:
    """Return the personal list of each user; none where nothing is published."""
    found: dict[str, RecommendationList] = {}
    for at in range(0, len(users), USERS_PER_QUERY):
        try:
            lists = ranked.for_users(graph, users[at : at + USERS_PER_QUERY], question)
        except NotBuilt:
            return {}
        found |= {one.subject: one for one in lists}
    return found
