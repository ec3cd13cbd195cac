"""Routes that answer with items, and why.

While no database answers, or not in time, a list is made of the popular items in memory and says
so.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Query as InQuery

from engine.answering import answers, reason_graph, users_and_reasons
from engine.answering.recommend import recommend_with, similar_with
from engine.errors import NotFound, StoreError, Unreachable
from engine.graph.lists.recommendations import Question, RecommendationList
from engine.serving import replies, schemas
from engine.serving.desk import AtDesk, Desk, right, took_ms
from engine.serving.list_request import ListRequest
from engine.serving.problems import also, later
from engine.store.graph_client import GraphClient

_LOG = logging.getLogger(__name__)
routes = APIRouter(prefix="/v1", tags=["answers"])
_READ = [right("read")]


@routes.get("/users/{user}/recommendations", dependencies=_READ, responses=also())
async def recommendations(
    request: Request,
    desk: AtDesk,
    user: schemas.PathId,
    query: Annotated[schemas.ForUser, InQuery()],
) -> replies.ItemList:
    """Recommend items to a user; an unknown one gets the popular items."""
    question = Question(query.k, query.exclude_seen, query.filters())
    return await _list(
        request, desk, user, question, lambda graph: recommend_with(graph, user, question)
    )


@routes.get("/items/{item}/similar", dependencies=_READ, responses=also(404))
async def similar(
    request: Request,
    desk: AtDesk,
    item: schemas.PathId,
    query: Annotated[schemas.LikeItem, InQuery()],
) -> replies.ItemList:
    """Show items like an item, bought with it or next; without what a user has seen."""
    question = Question(query.k, filters=query.filters())
    return await _list(
        request,
        desk,
        item,
        question,
        lambda graph: similar_with(graph, item, question, query.user, query.by),
    )


@routes.post("/baskets/recommendations", dependencies=_READ, responses=also(404, 413, 415))
async def for_basket(request: Request, desk: AtDesk, basket: schemas.Basket) -> replies.ItemList:
    """Show what is bought together with a whole basket."""
    question = Question(basket.k, filters=basket.filters)
    return await _list(
        request,
        desk,
        ", ".join(basket.items),
        question,
        lambda graph: similar_with(graph, basket.items, question, basket.user, "bought-together"),
    )


@routes.post("/recommendations", dependencies=_READ, responses=also(404, 413, 415))
async def recommendations_by(
    request: Request, desk: AtDesk, asked: ListRequest
) -> replies.ItemList:
    """Make any of the lists, with every option: blends, fallbacks, pins, diversity and so on."""
    question, sources = asked.question(), asked.sources()
    return await _list(
        request,
        desk,
        asked.user or "",
        question,
        lambda graph: recommend_with(graph, asked.user, question, sources),
    )


@routes.get("/users/{user}/explanations/{item}", dependencies=_READ, responses=also(404))
async def explanation(
    request: Request,
    desk: AtDesk,
    user: schemas.PathId,
    item: schemas.PathId,
    query: Annotated[schemas.Explain, InQuery()],
) -> replies.Explanation:
    """Show what joins a user to an item: own items, and what they share with it."""
    found = await desk.read(lambda graph: answers.why(graph, user, item, query.k))
    return replies.Explanation(
        user=user,
        item=item,
        generation=found.generation,
        sentence=found.why.sentence,
        evidence=replies.Evidence(**_evidence(found.why)),
        paths=[replies.PathOfReason(**asdict(path)) for path in found.why.paths],
        graph=replies.ReasonGraph.model_validate(asdict(reason_graph.draw(found.why))),
        took_ms=took_ms(request),
    )


def _evidence(found: users_and_reasons.Explanation) -> dict[str, Any]:
    kept = asdict(found.evidence)
    return {name: kept[name] for name in ("events", "bought", "alike", "together", "after")}


async def _list(
    request: Request,
    desk: Desk,
    subject: str,
    question: Question,
    work: Callable[[GraphClient], RecommendationList],
) -> replies.ItemList:
    graph = desk.service.graph
    try:
        found = await desk.reads.run(lambda: graph.ask(work))
    except NotFound as error:
        if graph.popular is None:
            raise later("nothing is published yet", 60) from error
        raise
    except TimeoutError:
        graph.doubt()
        return _from_memory(request, desk, subject, question, "slow")
    except StoreError as error:
        if not isinstance(error, Unreachable):
            _LOG.warning("a list failed: %s", error.message)
        cause = "away" if isinstance(error, Unreachable) else "failed"
        return _from_memory(request, desk, subject, question, cause)
    return _answer(request, found, degraded=False)


def _from_memory(
    request: Request, desk: Desk, subject: str, question: Question, cause: str
) -> replies.ItemList:
    held = desk.service.graph.popular
    if held is None:
        raise later("the database does not answer now")
    desk.metrics.degraded.labels(cause).inc()
    made = RecommendationList(
        subject, held.generation, "popular-from-memory", held.answer(question), question.k
    )
    return _answer(request, made, degraded=True)


_DEGRADED = (
    "No database answered in time: popular items from memory, seen ones possibly among them."
)


def _answer(request: Request, found: RecommendationList, *, degraded: bool) -> replies.ItemList:
    return replies.ItemList(
        subject=found.subject,
        name=found.name,
        generation=found.generation,
        basis=found.basis,
        fallback=degraded or found.fallback,
        degraded=degraded,
        short=found.short,
        note=_DEGRADED if degraded else found.note(),
        items=[replies.ListedItem(**asdict(item)) for item in found.items],
        took_ms=took_ms(request),
    )
