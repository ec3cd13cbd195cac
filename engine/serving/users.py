"""Routes that show who there is: users to pick from, and what one of them did."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery

from engine.answering import answers
from engine.serving import replies, schemas
from engine.serving.answer_form import AnswerRoute
from engine.serving.catalogue_requests import UserSearch
from engine.serving.dependencies import ContextDep, requires, took_ms
from engine.serving.problems import error_responses

routes = APIRouter(prefix="/v1/users", tags=["people"], route_class=AnswerRoute)
_READ = [requires("read")]


@routes.get("", dependencies=_READ, responses=error_responses())
async def list_users(
    request: Request, context: ContextDep, query: Annotated[UserSearch, InQuery()]
) -> replies.UserListReply:
    """List users by the beginning of their ids, in their order, or by words of their names."""
    found = await context.read(
        lambda graph: (
            answers.users(graph, query.prefix, query.limit)
            if query.q is None
            else answers.users_named(graph, query.q, query.limit)
        )
    )
    return replies.UserListReply(
        generation=None,
        users=[replies.UserEntry(**asdict(user)) for user in found.users],
        more=found.more,
        took_ms=took_ms(request),
    )


@routes.get("/{user}/history", dependencies=_READ, responses=error_responses(404))
async def history(
    request: Request,
    context: ContextDep,
    user: schemas.PathId,
    query: Annotated[schemas.HistoryQuery, InQuery()],
) -> replies.HistoryReply:
    """Show what a user did, the newest first."""
    found = await context.read(lambda graph: answers.history(graph, user, query.limit))
    return replies.HistoryReply(
        generation=None,
        user=found.user,
        name=found.name,
        total=found.total,
        events=[
            replies.HistoryEntry(**asdict(event) | {"at": event.at and event.at.isoformat()})
            for event in found.events
        ],
        took_ms=took_ms(request),
    )
