"""Routes that show who there is: users to pick from, and what one of them did."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery

from engine.answering import answers
from engine.serving import replies, schemas
from engine.serving.desk import AtDesk, right, took_ms
from engine.serving.problems import also

routes = APIRouter(prefix="/v1/users", tags=["people"])
_READ = [right("read")]


@routes.get("", dependencies=_READ, responses=also())
async def list_users(
    request: Request, desk: AtDesk, query: Annotated[schemas.Users, InQuery()]
) -> replies.Users:
    """List users whose ids begin with a text, in the order of their ids."""
    found = await desk.read(lambda graph: answers.users(graph, query.prefix, query.limit))
    return replies.Users(
        generation=None,
        users=[replies.ListedUser(**asdict(user)) for user in found.users],
        more=found.more,
        took_ms=took_ms(request),
    )


@routes.get("/{user}/history", dependencies=_READ, responses=also(404))
async def history(
    request: Request,
    desk: AtDesk,
    user: schemas.PathId,
    query: Annotated[schemas.Past, InQuery()],
) -> replies.History:
    """Show what a user did, the newest first."""
    found = await desk.read(lambda graph: answers.history(graph, user, query.limit))
    return replies.History(
        generation=None,
        user=found.user,
        name=found.name,
        total=found.total,
        events=[
            replies.PastEvent(**asdict(event) | {"at": event.at and event.at.isoformat()})
            for event in found.events
        ],
        took_ms=took_ms(request),
    )
