"""Routes that forget a user or an item, for whoever holds a key with the scope ``admin``."""

from fastapi import APIRouter, Request

from engine.data.tombstone import ForgettableKind
from engine.serving import schemas
from engine.serving.answer_form import AnswerRoute
from engine.serving.dependencies import NO_QUERY, AppContext, ContextDep, requires, took_ms
from engine.serving.operator_replies import ForgottenReply, RemovedEntry
from engine.serving.problems import error_responses, unavailable

routes = APIRouter(prefix="/v1", tags=["forgetting"], route_class=AnswerRoute)
_ADMIN = [requires("admin"), NO_QUERY]


@routes.delete("/users/{user}", dependencies=_ADMIN, responses=error_responses(404))
async def forget_user(
    request: Request, context: ContextDep, user: schemas.PathId
) -> ForgottenReply:
    """Remove a user from everything that is kept; what is loaded later does not bring it back.

    Sent again it changes nothing, and carries on what was cut off. While a night, a load or a
    publish is at work it is 503: send it again.
    """
    return await _forgotten(request, context, "user", user)


@routes.delete("/items/{item}", dependencies=_ADMIN, responses=error_responses(404))
async def forget_item(
    request: Request, context: ContextDep, item: schemas.PathId
) -> ForgottenReply:
    """Remove an item from everything that is kept, as a user is removed."""
    return await _forgotten(request, context, "item", item)


async def _forgotten(
    request: Request, context: AppContext, kind: ForgettableKind, id_: str
) -> ForgottenReply:
    try:
        done = await context.writes.run(lambda: context.service.forget(kind, id_))
    except TimeoutError as error:
        raise unavailable("there is much to remove, and it goes on: send the same again") from error
    return ForgottenReply(
        generation=None,
        forgotten=done.forgotten,
        already=done.already,
        tombstones=done.tombstones,
        removed=[RemovedEntry(**vars(one)) for one in done.removed],
        left=done.left,
        took_ms=took_ms(request),
    )
