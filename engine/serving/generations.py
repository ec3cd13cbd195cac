"""Routes of generations: list them, put one into service, go back."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Request

from engine.errors import NotFound
from engine.graph import stored_generations
from engine.serving import replies, schemas
from engine.serving.answer_form import AnswerRoute
from engine.serving.dependencies import NO_QUERY, AppContext, ContextDep, requires, took_ms
from engine.serving.problems import Problem, error_responses, unavailable
from engine.usecases.generations import Promotion, listed_generations

T = TypeVar("T")
routes = APIRouter(prefix="/v1/generations", tags=["generations"], route_class=AnswerRoute)
_ADMIN = [requires("admin"), NO_QUERY]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@routes.get("", dependencies=[requires("read"), NO_QUERY], responses=error_responses())
async def list_generations(request: Request, context: ContextDep) -> replies.GenerationListReply:
    """List the generations, newest first, and which one is in service."""
    stored = await context.read(stored_generations.generations)
    rows = await context.read_registry(lambda registry: listed_generations(stored, registry))
    return replies.GenerationListReply(
        generation=next((row["number"] for row in rows if row["serving"]), None),
        generations=[
            replies.GenerationEntry(
                number=row["number"],
                model=row["model"],
                state=row["state"],
                serving=row["serving"],
                in_graph=row["in_graph"],
                created_at=row["created_at"] and row["created_at"].isoformat(),
                metrics=row["metrics"],
            )
            for row in rows
        ],
        took_ms=took_ms(request),
    )


@routes.post(
    "/{number}/promote", dependencies=_ADMIN, responses=error_responses(404, 409, 413, 415)
)
async def promote(
    request: Request, context: ContextDep, number: Number, body: schemas.AuditedRequest
) -> replies.PromotionReply:
    """Put a generation into service, in one transaction with its line in the audit."""
    why, who = body.why or "POST promote", _who(request)
    return _moved(request, await _wait(context, lambda: context.service.promote(number, why, who)))


@routes.post("/rollback", dependencies=_ADMIN, responses=error_responses(404, 409, 413, 415))
async def rollback(
    request: Request, context: ContextDep, body: schemas.RollbackRequest
) -> replies.PromotionReply:
    """Go back to the generation that was in service before, or to a given one."""
    why, who = body.why or "POST rollback", _who(request)
    try:
        flipped = await _wait(context, lambda: context.service.rollback(body.to, why, who))
    except NotFound as error:
        if body.to is not None:
            raise
        raise Problem(409, error.message) from error
    return _moved(request, flipped)


async def _wait(context: AppContext, work: Callable[[], T]) -> T:
    try:
        return await context.writes.run(work)
    except TimeoutError as error:
        raise unavailable(
            "the change took too long: GET /v1/generations shows whether it was made"
        ) from error


def _who(request: Request) -> str:
    caller = request.state.caller
    return f"{caller.name} (key {caller.id})"


def _moved(request: Request, flipped: Promotion) -> replies.PromotionReply:
    return replies.PromotionReply(**flipped.as_dict(), took_ms=took_ms(request))
