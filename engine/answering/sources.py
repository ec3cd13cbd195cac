"""Which lists answer: the one asked for, one blended with it, and those that fill in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from engine.answering import users_and_reasons
from engine.answering.arrangements import pool, traits_of
from engine.answering.current_user import current, of_current_user
from engine.answering.exploring import FindPool, exploration_pool, explored
from engine.answering.rerankers import check_reranker, reranked
from engine.data.list_names import OwnList
from engine.errors import Busy, NotBuilt, NotFound, UsageError
from engine.graph.lists import (
    arrange,
    other_people,
    own_history,
    ranked,
    recommendations,
)
from engine.graph.lists.arrange import by_reciprocal_rank
from engine.graph.lists.item_attributes import with_attributes
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList, Recommended
from engine.plugins import ExtensibleNames
from engine.store.graph_client import GraphClient
from engine.store.plugin_lists import PLUGIN_LISTS, is_list

ListSource: TypeAlias = OwnList | str
"""A list of the engine's own, or one that a plug-in adds."""
_MOST_SOURCES = 5
_TRIES = 3


@dataclass(frozen=True)
class Sources:
    """Which lists answer a question.

    Attributes:
        by: The list asked for.
        blend: One to be blended with it by reciprocal rank, or None.
        fallback: Lists that fill in, in this order, where fewer than k are found.
        likes: Items that somebody new likes, for the list of that name.
        relation: Type of the facts that are friendships; needed where users have several.
        rerank: A plug-in that puts what may be shown in its own order, or None.
    """

    by: ListSource = "for-you"
    blend: ListSource | None = None
    fallback: tuple[ListSource, ...] = ()
    likes: tuple[str, ...] = ()
    relation: str | None = None
    rerank: str | None = None

    def __post_init__(self) -> None:
        """Refuse lists that do not exist.

        Raises:
            UsageError: A list has no such name, or there are too many.
        """
        for name, given in (("by", self.by), ("blend", self.blend), *_named(self.fallback)):
            if given is not None and given not in SOURCES:
                raise UsageError(f"{name} must be one of {', '.join(SOURCES)}, not {given!r}")
        if len(self.fallback) > _MOST_SOURCES:
            raise UsageError(
                f"fallback must name at most {_MOST_SOURCES} lists, not {len(self.fallback)}",
                hint="leave the last ones out",
            )
        check_reranker(self.rerank)
        if self.blend == self.by:
            raise UsageError(
                f"blend must be another list than by, which is {self.by} too",
                hint="blend with another one, or with none",
            )


Personal = Callable[[GraphClient, str, Question, Sources], RecommendationList]
General = Callable[[GraphClient, str | None, Question, Sources], RecommendationList]


def _for_you(graph: GraphClient, user: str, question: Question, _: Sources) -> RecommendationList:
    """Return the list of the generation in service, or what needs none where nothing is."""
    try:
        return ranked.for_users(graph, [user], question)[0]
    except NotBuilt:
        return other_people.provisional(graph, user, question)


_PERSONAL: Mapping[str, Personal] = {
    "for-you": _for_you,
    "because": lambda graph, user, asked, _: own_history.because(graph, user, asked),
    "again": lambda graph, user, asked, _: own_history.again(graph, user, asked),
    "next": lambda graph, user, asked, _: own_history.following(graph, user, asked),
    "people": lambda graph, user, asked, _: other_people.people_alike(graph, user, asked),
    "friends": lambda graph, user, asked, sources: other_people.friends(
        graph, user, asked, users_and_reasons.relation_of(graph, sources.relation)
    ),
}
_GENERAL: Mapping[str, General] = {
    "trending": lambda graph, user, asked, _: other_people.trending(graph, user, asked),
    "popular": lambda graph, user, asked, _: other_people.popular(graph, user, asked),
    "likes": lambda graph, user, asked, sources: recommendations.likes(
        graph, sources.likes, asked, user
    ),
}
SOURCES = ExtensibleNames("engine.lists", (*_PERSONAL, *_GENERAL), is_list)


def needs_user(name: ListSource) -> bool:
    """Tell whether a list is made for somebody."""
    if name in _PERSONAL or name in _GENERAL:
        return name in _PERSONAL
    return PLUGIN_LISTS[name].needs_user


def recommend(
    graph: GraphClient,
    user: str | None,
    question: Question,
    sources: Sources | None = None,
    find_pool: FindPool = exploration_pool,
) -> RecommendationList:
    """Return a list for one user, or for nobody in particular.

    Args:
        graph: Where from.
        user: Id; None for a list that needs nobody: ``trending``, ``popular``, ``likes``.
        question: How many, which may be shown, in what order.
        sources: Which lists answer; None: ``for-you`` alone.
        find_pool: Returns what is explored, where the question asks for that.

    Raises:
        NotBuilt: The list rests on a model or a graph that is not there yet.
        NotFound: The list asked for cannot be made for another reason, and none fills in.
        UsageError: The list needs a user.
        Busy: Generations come and go faster than lists are made.
    """
    sources = sources or Sources()

    def made_for(id_: str | None) -> RecommendationList:
        found = _recommend(graph, id_, question, sources)
        if question.explore:
            found = explored(graph, found, question, id_, find_pool(graph))
        return with_attributes(graph, [found], question.attributes)[0]

    if user is None:
        return made_for(None)
    if sources.by == "for-you" and sources.blend is None and not sources.fallback:
        return of_current_user(graph, user, made_for)
    return made_for(current(graph, user))


def _recommend(
    graph: GraphClient, user: str | None, question: Question, sources: Sources
) -> RecommendationList:
    for _ in range(_TRIES):
        one = ListAnswer(graph, user, question, sources)
        found = one.make()
        if len(one.generations) <= 1:
            return found
        # Another generation went into service between two lists: none may be mixed.
    raise Busy("the generation in service changed at every attempt", hint="try again")


def widened(question: Question, sources: Sources) -> Question:
    """Return the question that each list is asked, for as many candidates as are put in order."""
    if question.arrangement or sources.blend is not None or sources.rerank is not None:
        return replace(question, k=pool(question.k))
    return question


class ListAnswer:
    """One answer in the making.

    Args:
        graph: Where from.
        user: Id, or None.
        question: What is asked.
        sources: Which lists answer.
        for_you: The list of that name for the ``widened`` question, where it is known already.

    Attributes:
        generations: Of the lists that were asked.
    """

    def __init__(
        self,
        graph: GraphClient,
        user: str | None,
        question: Question,
        sources: Sources,
        for_you: RecommendationList | None = None,
    ) -> None:
        self._graph, self._user, self._question, self._sources = graph, user, question, sources
        self._for_you = for_you
        self._lists: list[RecommendationList] = []
        self._reasons: list[str] = []
        self._errors: list[NotFound] = []
        self._stand_ins: list[RecommendationList] = []
        self.generations: set[int] = set()

    def make(self) -> RecommendationList:
        """Return the list; see ``recommend``."""
        first = self._sources.by
        self._try(first, self._first)
        items = self._arranged()
        for name in self._sources.fallback:
            if len(items) >= self._question.k:
                break
            self._reasons.append(f"{len(items)} of {self._question.k} found: {name} fills in.")
            self._try(name, partial(self._ask, name))
            items = self._arranged()
        if not self._lists and self._stand_ins:
            # None that the caller named could be made: better what is popular than nothing.
            self._lists = self._stand_ins[:1]
            items = self._arranged()
        if not self._lists:
            error = self._errors[0]
            raise type(error)(" ".join(self._reasons), hint=error.hint)
        best = replace(
            self._lists[0],
            items=tuple(items),
            asked=self._question.k,
            reasons=tuple(self._reasons),
        )
        return best.asked_as(self._sources.by)

    def _try(self, name: str, ask: Callable[[], RecommendationList]) -> None:
        try:
            found = ask()
        except NotFound as error:
            if not self._sources.fallback:
                raise
            self._reasons.append(f"{name}: {error.message}.")
            self._errors.append(error)
            return
        if found.fallback and self._sources.fallback:
            # Popularity took its place, and the caller named another list for that.
            self._reasons.append(found.note() or name)
            self._stand_ins.append(found)
            return
        self._lists.append(found)

    def _first(self) -> RecommendationList:
        found = self._ask(self._sources.by)
        if self._sources.blend is None:
            return found
        try:
            other = self._ask(self._sources.blend)
        except NotFound as error:
            self._reasons.append(f"{self._sources.blend}: {error.message}.")
            return found
        blended = by_reciprocal_rank([found.items, other.items])
        return replace(found, items=tuple(blended))

    def _ask(self, name: str) -> RecommendationList:
        question = widened(self._question, self._sources)
        if name == "for-you" and self._for_you is not None:
            found = self._for_you
        elif name in _GENERAL:
            found = _GENERAL[name](self._graph, self._user, question, self._sources)
        elif self._user is None and needs_user(name):
            raise UsageError(f"{name} needs a user", hint=f"engine recommend USER --by {name}")
        elif name not in _PERSONAL or self._user is None:
            found = other_people.of_plugin(self._graph, name, self._user, question)
        else:
            found = _PERSONAL[name](self._graph, self._user, question, self._sources)
        if found.generation is not None:
            self.generations.add(found.generation)
        return found

    def _arranged(self) -> list[Recommended]:
        known = traits_of(self._graph, self._lists, self._question, self._user, self._seen_may())
        tiers = [one.items for one in self._lists]
        k, by = self._question.k, self._sources.rerank
        how = self._question.arrangement
        if by is None:
            return arrange.arrange(tiers, known, how, k)
        return reranked(by, arrange.arrange(tiers, known, how, pool(k)), self._user, k)

    def _seen_may(self) -> bool:
        return "again" in (self._sources.by, self._sources.blend, *self._sources.fallback)


def _named(fallback: tuple[ListSource, ...]) -> list[tuple[str, ListSource | None]]:
    return [("fallback", one) for one in fallback]
