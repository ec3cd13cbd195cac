"""Routes that take what users say they dislike, and make one user of two."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from engine.answering import answers
from engine.data.dislikes import DislikedTarget
from engine.serving.answer_form import AnswerModel, AnswerRoute
from engine.serving.dependencies import NO_QUERY, AppContext, ContextDep, requires, took_ms
from engine.serving.problems import error_responses, unavailable
from engine.serving.schemas import Id, PathId, RequestBody

routes = APIRouter(prefix="/v1/users", tags=["feedback"], route_class=AnswerRoute)
_READ, _WRITE = requires("read"), requires("write")
_FactText = Annotated[
    Id,
    StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]{0,62}=[\s\S]+$"),
    Field(description="everything that is joined to an entity, as TYPE=ID: Brand=x"),
]


class DislikeRequest(RequestBody):
    """What is disliked: an item, or all of a fact."""

    item: Id | None = None
    fact: _FactText | None = None
    kind: Literal["dislike", "not_interested"] = "dislike"

    @model_validator(mode="after")
    def _one(self) -> "DislikeRequest":
        _check_one(self.item, self.fact)
        return self


class DislikeQuery(BaseModel):
    """What is no longer disliked: an item, or all of a fact."""

    model_config = ConfigDict(extra="forbid")
    item: Id | None = None
    fact: _FactText | None = None

    @model_validator(mode="after")
    def _one(self) -> "DislikeQuery":
        _check_one(self.item, self.fact)
        return self


class MergeRequest(RequestBody):
    """Whose everything moves to the user of the path."""

    old: Id


class MergeReply(AnswerModel):
    """What became of it; moved: type of relationship to how many, ``INTERACTED`` for events."""

    user: str
    old: str
    moved: dict[str, int]
    took_ms: float


class DislikeReply(AnswerModel):
    """Whether that changed anything; the same again does not."""

    user: str
    changed: bool
    took_ms: float


class DislikedEntry(AnswerModel):
    """One thing that a user dislikes; kind: Item, or the type of an entity."""

    kind: str
    id: str
    name: str | None
    event: str
    at: str | None


class DislikeListReply(AnswerModel):
    """What a user dislikes, the newest first, at most a hundred."""

    user: str
    dislikes: list[DislikedEntry]
    took_ms: float


@routes.post(
    "/{user}/dislikes",
    dependencies=[_WRITE, NO_QUERY],
    responses=error_responses(404, 413, 415),
)
async def dislike(
    request: Request, context: ContextDep, user: PathId, body: DislikeRequest
) -> DislikeReply:
    """Show an item, or everything of a fact, to a user no more; the same again changes nothing."""
    target = _target(body.item, body.fact)
    changed = await _changed(context, user, target, body.kind, undo=False)
    return DislikeReply(user=user, changed=changed, took_ms=took_ms(request))


@routes.delete("/{user}/dislikes", dependencies=[_WRITE], responses=error_responses())
async def take_dislike_back(
    request: Request,
    context: ContextDep,
    user: PathId,
    query: Annotated[DislikeQuery, InQuery()],
) -> DislikeReply:
    """Let an item, or everything of a fact, be shown to a user again."""
    target = _target(query.item, query.fact)
    changed = await _changed(context, user, target, "dislike", undo=True)
    return DislikeReply(user=user, changed=changed, took_ms=took_ms(request))


@routes.get("/{user}/dislikes", dependencies=[_READ, NO_QUERY], responses=error_responses())
async def list_dislikes(request: Request, context: ContextDep, user: PathId) -> DislikeListReply:
    """List what a user dislikes, the newest first, at most a hundred."""
    found = await context.read(lambda graph: answers.dislikes(graph, user))
    entries = [DislikedEntry(**vars(one) | {"at": one.at and one.at.isoformat()}) for one in found]
    return DislikeListReply(user=user, dislikes=entries, took_ms=took_ms(request))


@routes.post(
    "/{user}/merge", dependencies=[_WRITE, NO_QUERY], responses=error_responses(404, 413, 415)
)
async def merge_users(
    request: Request, context: ContextDep, user: PathId, body: MergeRequest
) -> MergeReply:
    """Move everything of another user here: somebody who was anonymous logged in.

    The old id stands for this user from then on. Sent again it changes nothing, and carries on what
    was cut off. While a night, a load or a publish is at work it is 503: send it again.
    """
    try:
        done = await context.writes.run(lambda: context.service.merge_users(body.old, user))
    except TimeoutError as error:
        raise unavailable("there is much to move, and it goes on: send the same again") from error
    return MergeReply(
        user=done.user, old=done.old, moved=dict(done.moved), took_ms=took_ms(request)
    )


async def _changed(
    context: AppContext,
    user: str,
    target: DislikedTarget,
    kind: Literal["dislike", "not_interested"],
    *,
    undo: bool,
) -> bool:
    if context.service.graph.away:
        raise unavailable("no Neo4j server answers: nothing of this was written")
    try:
        return await context.writes.run(
            lambda: context.service.dislike(user, target, kind, undo=undo)
        )
    except TimeoutError as error:
        raise unavailable(
            "it is not known whether this was written: send the same again"
        ) from error


def _check_one(item: str | None, fact: str | None) -> None:
    if (item is None) == (fact is None):
        raise ValueError("name either item or fact")


def _target(item: str | None, fact: str | None) -> DislikedTarget:
    return DislikedTarget.of(fact) if fact is not None else DislikedTarget("Item", item or "")
