"""Routes that say what is known of users and items, and change it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Query as InQuery

from engine.answering import answers
from engine.data.reading.line_formats import decode
from engine.data.tombstone import ForgettableKind
from engine.serving.answer_form import AnswerRoute
from engine.serving.catalogue_replies import (
    CatalogueEntry,
    CataloguePageReply,
    DescribedReply,
    ItemReply,
    StoredFact,
    UserReply,
)
from engine.serving.catalogue_requests import (
    ItemDescription,
    ItemSearch,
    ItemsRequest,
    UserDescription,
    UsersRequest,
)
from engine.serving.dependencies import NO_QUERY, AppContext, ContextDep, requires, took_ms
from engine.serving.problems import FieldError, Problem, error_responses, unavailable
from engine.serving.schemas import PathId
from engine.usecases.ingesting import DescriptionResult, Refusal

routes = APIRouter(prefix="/v1", tags=["catalogue"], route_class=AnswerRoute)
_READ = [requires("read")]
_WRITE = [requires("write"), NO_QUERY]
_WRITTEN = error_responses(413, 415)
_PATCHED = error_responses(404, 413, 415)
_SHOWN = 20
"""Refused rows that an answer names."""


@routes.get("/items", dependencies=_READ, responses=error_responses())
async def list_items(
    request: Request,
    context: ContextDep,
    query: Annotated[ItemSearch, InQuery()],
) -> CataloguePageReply:
    """List items by the beginning of their ids, in their order, or by words of their names.

    Hidden and expired items are among them.
    """
    found = await context.read(
        lambda graph: (
            answers.items(graph, query.limit, prefix=query.prefix, after=query.after)
            if query.q is None
            else answers.items_named(graph, query.q, query.limit)
        )
    )
    return CataloguePageReply(
        items=[CatalogueEntry(**asdict(one)) for one in found.items],
        more=found.more,
        took_ms=took_ms(request),
    )


@routes.post("/items", dependencies=_WRITE, responses=_WRITTEN)
async def describe_items(
    request: Request, context: ContextDep, body: ItemsRequest
) -> DescribedReply:
    """Describe items, all or none: each row is what PATCH takes, and creates what is not there.

    The same again changes nothing.
    """
    return await _several(request, context, "item")


@routes.get(
    "/items/{item}",
    dependencies=[*_READ, NO_QUERY],
    responses=error_responses(404),
)
async def show_item(request: Request, context: ContextDep, item: PathId) -> ItemReply:
    """Show attributes, flags and facts of an item."""
    found = await context.read(lambda graph: answers.description(graph, "Item", item))
    attributes = dict(found.attributes)
    hidden, expires_at = attributes.pop("hidden", False), attributes.pop("expires_at", None)
    return ItemReply(
        id=found.id,
        attributes=attributes,
        facts=_facts(found),
        hidden=hidden,
        expires_at=expires_at,
        took_ms=took_ms(request),
    )


@routes.put("/items/{item}", dependencies=_WRITE, responses=_WRITTEN)
async def put_item(
    request: Request, context: ContextDep, item: PathId, body: ItemDescription
) -> DescribedReply:
    """Let an item be as described: attributes and flags that are not named are removed."""
    return await _one(request, context, "item", item, whole=True)


@routes.patch("/items/{item}", dependencies=_WRITE, responses=_PATCHED)
async def patch_item(
    request: Request, context: ContextDep, item: PathId, body: ItemDescription
) -> DescribedReply:
    """Change what is named of an item, null removes (RFC 7396); the rest stays."""
    return await _one(request, context, "item", item, whole=False)


@routes.post("/users", dependencies=_WRITE, responses=_WRITTEN)
async def describe_users(
    request: Request, context: ContextDep, body: UsersRequest
) -> DescribedReply:
    """Describe users, all or none, as items are described."""
    return await _several(request, context, "user")


@routes.get("/users/{user}", dependencies=[*_READ, NO_QUERY], responses=error_responses(404))
async def show_user(request: Request, context: ContextDep, user: PathId) -> UserReply:
    """Show attributes and facts of a user."""
    found = await context.read(lambda graph: answers.description(graph, "User", user))
    return UserReply(
        id=found.id,
        attributes=dict(found.attributes),
        facts=_facts(found),
        took_ms=took_ms(request),
    )


@routes.put("/users/{user}", dependencies=_WRITE, responses=_WRITTEN)
async def put_user(
    request: Request, context: ContextDep, user: PathId, body: UserDescription
) -> DescribedReply:
    """Let a user be as described: attributes that are not named are removed."""
    return await _one(request, context, "user", user, whole=True)


@routes.patch("/users/{user}", dependencies=_WRITE, responses=_PATCHED)
async def patch_user(
    request: Request, context: ContextDep, user: PathId, body: UserDescription
) -> DescribedReply:
    """Change what is named of a user, null removes (RFC 7396); the rest stays."""
    return await _one(request, context, "user", user, whole=False)


async def _sent(request: Request) -> dict[str, Any]:
    """Return the body, which the route has judged, with numbers as the text they are."""
    sent: dict[str, Any] = decode((await request.body()).decode("utf-8"))
    return sent


async def _several(request: Request, context: AppContext, kind: ForgettableKind) -> DescribedReply:
    documents = (await _sent(request))[f"{kind}s"]
    done = await _written(context, lambda: context.service.describe(kind, documents))
    return _reply(request, done, lambda one: ["body", f"{kind}s", one.row, *one.where])


async def _one(
    request: Request, context: AppContext, kind: ForgettableKind, id_: str, *, whole: bool
) -> DescribedReply:
    document = {**await _sent(request), "id": id_}
    done = await _written(
        context,
        lambda: context.service.describe(kind, [document], whole=whole, create=whole),
    )
    return _reply(
        request, done, lambda one: ["path", kind] if one.where == ("id",) else ["body", *one.where]
    )


async def _written(context: AppContext, work: Callable[[], DescriptionResult]) -> DescriptionResult:
    """Return what became of a request, once it is committed.

    Raises:
        Problem: 503, no server answers, or it took too long.
    """
    if context.service.graph.away:
        raise unavailable("no Neo4j server answers: nothing of this was written")
    try:
        return await context.writes.run(work)
    except TimeoutError as error:
        raise unavailable(
            "it is not known whether this was written: send the same again"
        ) from error


def _reply(
    request: Request, done: DescriptionResult, place: Callable[[Refusal], list[str | int]]
) -> DescribedReply:
    """Return what became of the rows.

    Raises:
        Problem: 422, some are refused.
    """
    if done.bad:
        raise Problem(
            422,
            f"nothing was written: {len(done.bad)} values are refused",
            errors=[
                FieldError(where=place(one), what=one.reason, code=one.code)
                for one in done.bad[:_SHOWN]
            ],
        )
    return DescribedReply(
        accepted=done.accepted,
        duplicate=done.duplicate,
        forgotten=done.forgotten,
        took_ms=took_ms(request),
    )


def _facts(found: answers.StoredDescription) -> list[StoredFact]:
    return [StoredFact(**one._asdict()) for one in found.facts]
