"""Lists for users by the ranker of the generation in service, where it has one.

One query gathers the candidates and what is known of them (``recommend/candidates``); their
features and their order are computed here. Where fewer of them may be shown than are asked for, the
list of the same generation without its ranker (``recommendations``) fills in behind them; it also
answers for whom there is nothing to rank by: users that are not known, or have no event.

A ranker's score is 1 + 1 / (1 + exp(-s)) of its trees' s, so between 1 and 2; that of what fills in
is 0.5 + 0.5 * s / (1 + |s|), so between 0 and 1: an order stays what it was.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np

from engine.data.arrays import Float32Array, Float64Array
from engine.data.highest import among_highest
from engine.data.rules import Rules
from engine.errors import Busy, QueryFailed
from engine.graph import stored_rankers
from engine.graph.lists import recommendations
from engine.graph.lists.candidate_query import AskedCandidates, ask_candidates
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import Basis, RecommendationList, Recommended
from engine.graph.stored_rankers import ServingRanker
from engine.ranking.candidate_features import FEATURES, features
from engine.ranking.ranker import Ranker
from engine.store.graph_client import GraphClient

_LOG = logging.getLogger(__name__)
_TRIES = 4
_SOURCES = {
    "together": "bought-together",
    "next": "next",
    "people": "people",
    "near": "embedding",
    "popular": "popular",
}
"""Sources of candidates as lists name them. An own item is ``again``; another one is of the source
in which it stands highest, of two that are level the one that comes first here."""
_OWN = FEATURES.index("own_score")
_RANKS = [FEATURES.index(f"{name}_rank") for name in _SOURCES]

_SEEN: "WeakKeyDictionary[GraphClient, ServingRanker | None]" = WeakKeyDictionary()
"""What ranked when it was last looked. Answers tell when another generation serves."""


@dataclass(frozen=True, eq=False)
class RankedItem:
    """An item as the ranker sees it.

    Attributes:
        features: ``(len(FEATURES),) float32``.
        contributions: ``(len(FEATURES),) float64``: what each adds to its score.
        groups: Attributes that group items, as the features number them.
    """

    features: Float32Array
    contributions: Float64Array
    groups: tuple[str, ...]


def for_users(
    client: GraphClient, users: Sequence[str], question: Question
) -> list[RecommendationList]:
    """Return one list per user, in the order asked, all of one generation.

    Raises:
        NotBuilt: Nothing is published.
        Busy: Generations come and go faster than lists are made.
    """
    if not users:
        return []
    for attempt in range(_TRIES):
        serving = _look(client) if attempt or client not in _SEEN else _SEEN.get(client)
        if serving is None or serving.ranker is None:
            lists = recommendations.for_users(client, users, question)
            if _is_of(serving, lists):
                return lists
            serving = _look(client)
            if serving is not None and serving.ranker is None and _is_of(serving, lists):
                return lists
            continue
        try:
            ranked = _ranked(client, serving, serving.ranker, users, question)
        except QueryFailed:  # its index may be gone with its generation
            if attempt == _TRIES - 1:
                raise
            continue
        if ranked is not None:
            return ranked
    raise Busy("the generation in service changed at every attempt", hint="try again")


def item_of(client: GraphClient, user: str, item: str, generation: int | None) -> RankedItem | None:
    """Return an item as the ranker of the generation in service sees it for a user.

    Args:
        client: The graph.
        user: Id.
        item: Id.
        generation: The one in service.

    Returns:
        None where it has no ranker or serves no longer, the item is no candidate of the user, or
        there is nothing to rank by.
    """
    if generation is None:
        return None
    serving = _SEEN.get(client)
    if serving is None or serving.generation != generation:
        serving = _look(client)
    if serving is None or serving.ranker is None or serving.generation != generation:
        return None
    asked = _ask(client, [user], Rules(exclude_seen=False), serving)
    if not asked.users or not len(asked.table.own.user) or item not in asked.ids:
        return None
    row = features(asked.table)[asked.ids.index(item)]
    parts = serving.ranker.contributions(row[None])[0]
    return RankedItem(row, parts, serving.ranker.groups)


def warm_plan(client: GraphClient, generation: int) -> None:
    """Have the server plan the lists of a generation, in service or not, before anybody waits.

    Raises:
        QueryFailed: The generation has no index.
    """
    recommendations.warm_plan(client, generation)
    if stored_rankers.is_there(client, generation):
        ask_candidates(client, [], Question(), generation)


def _ask(
    client: GraphClient, users: Sequence[str], rules: Rules, serving: ServingRanker
) -> AskedCandidates:
    return ask_candidates(
        client,
        users,
        rules,
        serving.generation,
        ranker=serving.sha256,
        indexed=serving.indexed,
    )


def _look(client: GraphClient) -> ServingRanker | None:
    serving = stored_rankers.in_service(client)
    if serving is not None and serving.fault is not None:
        _LOG.warning(
            "generation %d serves without its ranker: %s", serving.generation, serving.fault
        )
    if serving is not None and serving.ranker is not None:
        # Its trees are read now, which a service does at its start, and not under the first list.
        serving.ranker.score(np.zeros((1, len(FEATURES)), dtype=np.float32))
    _SEEN[client] = serving
    return serving


def _is_of(serving: ServingRanker | None, lists: Sequence[RecommendationList]) -> bool:
    return serving is not None and all(
        (one.generation, one.ranker) == (serving.generation, serving.sha256) for one in lists
    )


def _ranked(
    client: GraphClient,
    serving: ServingRanker,
    ranker: Ranker,
    users: Sequence[str],
    question: Question,
) -> list[RecommendationList] | None:
    """Return the lists of a generation; None where another one is in service by now."""
    asked = _ask(client, users, question, serving)
    if not asked.users:
        return None
    best = _best(asked, ranker, question.k)
    short = [row for row, items in enumerate(best) if len(items) < question.k]
    behind = {}
    if short:
        found = recommendations.for_users(client, [users[row] for row in short], question)
        if not _is_of(serving, found):
            return None
        behind = dict(zip(short, found, strict=True))
    return [
        _list_of(user, tuple(items), serving, question, behind.get(row))
        for row, (user, items) in enumerate(zip(users, best, strict=True))
    ]


def _best(asked: AskedCandidates, ranker: Ranker, k: int) -> list[list[Recommended]]:
    """Return the best items of each user by the ranker; none of users without an event."""
    found: list[list[Recommended]] = [[] for _ in asked.users]
    table = asked.table
    some = np.zeros(len(asked.users), dtype=bool)
    some[table.own.user] = True
    rows = np.flatnonzero(asked.shown & some[table.user])
    matrix = features(table)[rows]
    score = 1.0 + 1.0 / (1.0 + np.exp(-ranker.score(matrix)))
    bounds = np.searchsorted(table.user[rows], np.arange(len(asked.users) + 1))
    for user, items in enumerate(found):
        part = among_highest(score[bounds[user] : bounds[user + 1]], k)
        places = bounds[user] + np.flatnonzero(part)
        for place in sorted(places.tolist(), key=lambda n: (-score[n], asked.ids[rows[n]]))[:k]:
            at = rows[place]
            source = _source(matrix[place])
            items.append(
                Recommended(asked.ids[at], asked.names[at] or None, float(score[place]), source)
            )
    return found


def _source(row: Float32Array) -> str:
    if not np.isnan(row[_OWN]):
        return "again"
    return list(_SOURCES.values())[int(np.argmin(row[_RANKS]))]


def _list_of(
    user: str,
    items: tuple[Recommended, ...],
    serving: ServingRanker,
    question: Question,
    behind: RecommendationList | None,
) -> RecommendationList:
    """Return ranked items, and behind them what else the list without a ranker has."""
    if not items and behind is not None:
        return behind
    if behind is not None:
        listed = {item.id for item in items}
        more = [replace(item, score=_below_one(item.score)) for item in behind.items]
        items = (*items, *(item for item in more if item.id not in listed))
    return RecommendationList(
        user,
        serving.generation,
        Basis("for-you", "ranked"),
        items[: question.k],
        question.k,
        ranker=serving.sha256,
        listed=question.listed,
    )


def _below_one(score: float) -> float:
    return 0.5 + 0.5 * score / (1.0 + abs(score))
