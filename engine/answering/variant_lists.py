"""The list of a variant of an experiment, in place of the one that everybody gets."""

import logging
from collections.abc import Callable
from dataclasses import replace

from engine.answering.exploring import FindPool, exploration_pool
from engine.answering.interleaved_lists import interleaved
from engine.answering.named_lists import NamedList
from engine.answering.question_options import ListOptions, question_of
from engine.answering.sources import Sources, recommend
from engine.data.experiment_definition import Experiment, ShownVariant, Variant
from engine.errors import EngineError, NotBuilt, NotFound, QueryTooSlow, Unreachable
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList
from engine.store.graph_client import GraphClient
from engine.store.pinned_client import pinned_to

_LOG = logging.getLogger(__name__)
FindList = Callable[[str], NamedList]


def recommend_variant(
    graph: GraphClient,
    user: str,
    question: Question,
    assigned: tuple[Experiment, Variant],
    find: FindList,
    find_pool: FindPool = exploration_pool,
) -> RecommendationList:
    """Return a user's list by the variant that the user is in; it names the variant.

    One that cannot be made is answered as the control, and the list says so: whoever compares
    variants counts the user where the hash put it.

    Args:
        graph: Where from.
        user: Id.
        question: What the request asks: how many, and what may be shown.
        assigned: The experiment and the variant.
        find: Returns the named list of a name.
        find_pool: Returns what is explored, where the variant or the request asks for that.

    Raises:
        Unreachable, QueryTooSlow: The server does not answer; no variant could be made.
        NotBuilt, NotFound, UsageError: Neither could the control.
    """
    experiment, variant = assigned
    shown = ShownVariant(experiment.name, variant.name)
    try:
        return replace(_made(graph, user, question, assigned, find, find_pool), variant=shown)
    except (Unreachable, QueryTooSlow):
        raise
    except EngineError as error:
        _LOG.warning(
            "the variant %s of the experiment %s failed: %s",
            variant.name,
            experiment.name,
            error.message,
        )
    try:
        found = _listed(graph, user, question, experiment.control, find, find_pool)
    except (NotBuilt, NotFound):
        found = recommend(graph, user, question, find_pool=find_pool)
    return replace(found, variant=replace(shown, failed=True))


def _made(
    graph: GraphClient,
    user: str,
    question: Question,
    assigned: tuple[Experiment, Variant],
    find: FindList,
    find_pool: FindPool,
) -> RecommendationList:
    experiment, variant = assigned
    if variant.kind != "interleaved":
        return _listed(graph, user, question, variant, find, find_pool)
    first, second = experiment.variants
    a, b = (_listed(graph, user, question, one, find, find_pool) for one in (first, second))
    return interleaved(a, b, (first.name, second.name))


def asked_of(question: Question, variant: Variant, find: FindList) -> tuple[Question, Sources]:
    """Return what a variant asks of the graph in place of a request.

    Raises:
        NotFound: There is no list of its name.
        UsageError: An option of the variant does not go with the request.
    """
    if variant.list is not None:
        named, sources = find(variant.list).request(question.k)
        return _narrowed(named, question), sources
    if variant.kind == "holdout":
        return question, Sources(by="popular")
    given = dict(variant.options)
    sources = Sources(
        blend=given.pop("blend", None),
        fallback=tuple(given.pop("fallback", ())),
        rerank=given.pop("rerank", None),
    )
    own = question_of(question.k, ListOptions(**given))  # type: ignore[typeddict-item]
    return _narrowed(own, question), sources


def _listed(
    graph: GraphClient,
    user: str,
    question: Question,
    variant: Variant,
    find: FindList,
    find_pool: FindPool,
) -> RecommendationList:
    asked, sources = asked_of(question, variant, find)
    if variant.generation is None:
        return recommend(graph, user, asked, sources, find_pool)
    found = recommend(pinned_to(graph, variant.generation), user, asked, sources, find_pool)
    if found.generation != variant.generation:
        raise NotFound(
            f"generation {variant.generation} is not in the graph", hint="engine generations"
        )
    return found


def _narrowed(own: Question, request: Question) -> Question:
    """Return the variant's question with what the request allows to be shown."""
    return replace(
        own,
        exclude_seen=own.exclude_seen and request.exclude_seen,
        filters={**own.filters, **request.filters},
        conditions=(*own.conditions, *request.conditions),
        attributes=request.attributes or own.attributes,
        not_shown_within=request.not_shown_within or own.not_shown_within,
        listed=request.listed,
        explore=request.explore or own.explore,
    )
