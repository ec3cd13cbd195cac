"""Whether the service lives, whether it is ready, and what it counts."""

import asyncio
from contextlib import suppress

from fastapi import APIRouter, Response

from engine.serving import replies
from engine.serving.answer_form import AnswerRoute
from engine.serving.dependencies import ContextDep, requires
from engine.serving.problems import RETRY_SECONDS, Problem, error_responses

routes = APIRouter(tags=["health"], route_class=AnswerRoute)
_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@routes.get("/health/live")
async def live() -> replies.HealthReply:
    """Tell that the process answers: whoever restarts it must not do so for a database."""
    return replies.HealthReply(status="alive")


@routes.get(
    "/health/ready", responses={503: {"model": replies.HealthReply, "description": "Not ready"}}
)
async def ready(context: ContextDep, response: Response) -> replies.HealthReply:
    """Tell whether the best answers can be given: a database answers, is whole, and serves."""
    reason: str | None = "serve_concurrency answers are being made, which is the limit"
    with suppress(Problem):
        try:
            reason = await context.reads.run(context.service.ready)
        except TimeoutError:
            context.service.graph.mark_unavailable()
            reason = "the database does not answer within serve_seconds"
    if reason is None:
        return replies.HealthReply(status="ready")
    response.status_code = 503
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return replies.HealthReply(status="not-ready", reason=reason)


@routes.get(
    "/metrics",
    dependencies=[requires("read")],
    response_class=Response,
    responses=error_responses()
    | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(context: ContextDep) -> Response:
    """Return counters and times for Prometheus."""
    text = await asyncio.to_thread(context.metrics.text)
    return Response(text, media_type=_METRICS_TYPE)
