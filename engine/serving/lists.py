"""Routes that answer with items, and why."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Query as InQuery

from engine.answering import answers
from engine.data.duration import read_duration
from engine.data.list_cursor import read_cursor
from engine.graph.lists.popular_items import PopularItems
from engine.graph.lists.recommendations import Question, RecommendationList
from engine.serving import replies, schemas
from engine.serving.answer_form import AnswerRoute
from engine.serving.asked_list import AskedList
from engine.serving.dependencies import NO_QUERY, AppContext, ContextDep, requires, took_ms
from engine.serving.list_request import ListRequest, UserListsRequest
from engine.serving.memory_fallback import graph_or_memory
from engine.serving.problems import error_responses
from engine.serving.service import MANY_SECONDS_FACTOR
from engine.store.graph_client import GraphClient

routes = APIRouter(prefix="/v1", tags=["answers"], route_class=AnswerRoute)
_READ = [requires("read")]


@routes.get("/lists", dependencies=[*_READ, NO_QUERY], responses=error_responses())
async def list_lists(request: Request, context: ContextDep) -> replies.ListMenuReply:
    """Name the lists that can be asked for, those of plug-ins and those with a name included."""
    return replies.ListMenuReply(
        generation=None,
        named=context.service.names_of_lists(),
        lists=[replies.ListChoiceEntry.model_validate(asdict(one)) for one in answers.choices()],
        took_ms=took_ms(request),
    )


@routes.get("/users/{user}/recommendations", dependencies=_READ, responses=error_responses())
async def recommendations(
    request: Request,
    context: ContextDep,
    user: schemas.PathId,
    query: Annotated[schemas.RecommendationQuery, InQuery()],
) -> replies.ItemListReply:
    """Recommend items to a user; an unknown one gets the popular items."""
    question = Question(
        k=query.k,
        exclude_seen=query.exclude_seen,
        **query.rules(),
        attributes=query.attribute_names(),
        not_shown_within=read_duration("not_shown_within", query.not_shown_within),
        explore=query.explore,
        listed=read_cursor(query.cursor),
    )
    return await _list(
        request,
        context,
        AskedList(user, "for-you", question, user),
        lambda graph: context.service.recommend(graph, user, question),
    )


@routes.get("/items/{item}/similar", dependencies=_READ, responses=error_responses(404, 409))
async def similar(
    request: Request,
    context: ContextDep,
    item: schemas.PathId,
    query: Annotated[schemas.SimilarQuery, InQuery()],
) -> replies.ItemListReply:
    """Show items like an item, bought with it or next; without what a user has seen."""
    question = Question(
        k=query.k,
        **query.rules(),
        attributes=query.attribute_names(),
        not_shown_within=read_duration("not_shown_within", query.not_shown_within),
        explore=query.explore,
        listed=read_cursor(query.cursor),
    )
    return await _list(
        request,
        context,
        AskedList(item, query.by, question, query.user),
        lambda graph: answers.similar(
            graph, item, question, query.user, query.by, context.service.exploration.pool
        ),
    )


@routes.post(
    "/baskets/recommendations",
    dependencies=[*_READ, NO_QUERY],
    responses=error_responses(404, 409, 413, 415),
)
async def for_basket(
    request: Request, context: ContextDep, basket: schemas.BasketRequest
) -> replies.ItemListReply:
    """Show what else goes into a basket: what is bought together with it, and its user's habits."""
    question = Question(
        k=basket.k,
        **schemas.where_rules(basket.where, basket.filters),
        attributes=tuple(basket.attributes),
        not_shown_within=read_duration("not_shown_within", basket.not_shown_within),
        explore=basket.explore,
        listed=read_cursor(basket.cursor),
    )
    return await _list(
        request,
        context,
        AskedList(", ".join(basket.items), basket.by, question, basket.user),
        lambda graph: answers.similar(
            graph,
            basket.items,
            question,
            basket.user,
            basket.by,
            context.service.exploration.pool,
        ),
    )


@routes.post(
    "/recommendations",
    dependencies=[*_READ, NO_QUERY],
    responses=error_responses(404, 409, 413, 415),
)
async def recommendations_by(
    request: Request, context: ContextDep, asked: ListRequest
) -> replies.ItemListReply:
    """Make any of the lists, with every option: blends, fallbacks, pins, diversity and so on."""
    question = replace(asked.question(), listed=read_cursor(asked.cursor))
    sources = asked.sources()
    return await _list(
        request,
        context,
        AskedList(asked.user or "", asked.by, question, asked.user, sources),
        lambda graph: answers.recommend(
            graph, asked.user, question, sources, context.service.exploration.pool
        ),
    )


@routes.post(
    "/users/recommendations",
    dependencies=[*_READ, NO_QUERY],
    responses=error_responses(404, 409, 413, 415),
)
async def recommendations_of_users(
    request: Request, context: ContextDep, asked: UserListsRequest
) -> replies.UserListsReply:
    """Make the same list for each of many users, all of one generation."""
    question, sources = asked.question(), asked.sources()

    def from_memory(held: PopularItems) -> answers.ListsOfUsers:
        users = dict.fromkeys(asked.users)
        lists = tuple(held.list(user, asked.by, question, user) for user in users)
        return answers.ListsOfUsers(lists, {})

    found, degraded = await graph_or_memory(
        context,
        lambda graph: answers.recommend_many(
            graph, asked.users, question, sources, context.service.exploration.pool
        ),
        from_memory,
        MANY_SECONDS_FACTOR * context.reads.seconds,
    )
    for one in found.lists:
        made = AskedList(one.subject, asked.by, question, one.subject, sources)
        context.service.remember(made, one)
    return replies.UserListsReply(
        generation=found.generation,
        degraded=degraded,
        lists=[replies.ItemList(**_fields(one, degraded=degraded)) for one in found.lists],
        refused=[
            replies.RefusedUser(user=user, status=404, detail=error.message)
            for user, error in found.refused.items()
        ],
        took_ms=took_ms(request),
    )


@routes.get("/lists/{name}", dependencies=_READ, responses=error_responses(404, 409))
async def named_list(
    request: Request,
    context: ContextDep,
    name: schemas.PathId,
    query: Annotated[schemas.NamedListQuery, InQuery()],
) -> replies.ItemListReply:
    """Make a list that an operator named with its options: engine lists."""
    question, sources = context.service.named_list(name).request(query.k)
    question = replace(question, listed=read_cursor(query.cursor))
    return await _list(
        request,
        context,
        AskedList(query.user or "", sources.by, question, query.user, sources, name),
        lambda graph: answers.recommend(
            graph, query.user, question, sources, context.service.exploration.pool
        ),
    )


@routes.get("/users/{user}/explanations/{item}", dependencies=_READ, responses=error_responses(404))
async def explanation(
    request: Request,
    context: ContextDep,
    user: schemas.PathId,
    item: schemas.PathId,
    query: Annotated[schemas.ExplanationQuery, InQuery()],
) -> replies.ExplanationReply:
    """Show what joins a user to an item: own items, and what they share with it."""
    found = await context.read(lambda graph: answers.why(graph, user, item, query.k))
    return replies.ExplanationReply(
        user=user,
        item=item,
        generation=found.generation,
        sentence=found.why.sentence,
        ranked=list(found.why.ranked),
        evidence=replies.ExplanationEvidence(**_evidence(found.why)),
        paths=[replies.ExplanationPath(**asdict(path)) for path in found.why.paths],
        graph=replies.ExplanationGraph.model_validate(asdict(answers.draw(found.why))),
        took_ms=took_ms(request),
    )


def _evidence(found: answers.Explanation) -> dict[str, Any]:
    kept = asdict(found.evidence)
    return {name: kept[name] for name in ("events", "bought", "alike", "together", "after")}


async def _list(
    request: Request,
    context: AppContext,
    asked: AskedList,
    work: Callable[[GraphClient], RecommendationList],
) -> replies.ItemListReply:
    """Answer as ``_made`` does, and note how long that took."""
    with context.metrics.list_seconds.labels(asked.by).time():
        return await _made(request, context, asked, work)


async def _made(
    request: Request,
    context: AppContext,
    asked: AskedList,
    work: Callable[[GraphClient], RecommendationList],
) -> replies.ItemListReply:
    """Answer with a list, from memory where no database does, and have it remembered."""
    found, degraded = await graph_or_memory(
        context, work, lambda held: held.list(asked.subject, asked.by, asked.question, asked.user)
    )
    context.service.remember(asked, found)
    context.metrics.count_variant(found.variant)
    return replies.ItemListReply(
        **_fields(found, degraded=degraded),
        generation=found.generation,
        degraded=degraded,
        variant=found.variant,
        took_ms=took_ms(request),
    )


def _fields(found: RecommendationList, *, degraded: bool) -> dict[str, Any]:
    return {
        "list_id": found.list_id,
        "subject": found.subject,
        "name": found.name,
        "basis": replies.BasisReply(**asdict(found.basis)),
        "fallback": degraded or found.fallback,
        "short": found.short,
        "note": found.note(),
        "cursor": found.cursor,
        "items": [
            replies.ListedItem(
                position=position, **asdict(item), attributes=found.attributes.get(item.id)
            )
            for position, item in found.placed()
        ],
    }
