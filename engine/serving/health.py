"""Whether the service lives, whether it is ready, and what it counts."""

import asyncio
from contextlib import suppress

from fastapi import APIRouter, Response

from engine.serving import replies
from engine.serving.desk import AtDesk, right
from engine.serving.problems import RETRY_SECONDS, Problem, also

routes = APIRouter(tags=["health"])
_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@routes.get("/health/live")
async def live() -> replies.Health:
    """Tell that the process answers: whoever restarts it must not do so for a database."""
    return replies.Health(status="alive")


@routes.get("/health/ready", responses={503: {"model": replies.Health, "description": "Not ready"}})
async def ready(desk: AtDesk, response: Response) -> replies.Health:
    """Tell whether the best answers can be given: a database answers and something is published."""
    reason: str | None = "the service is at its limit"
    with suppress(Problem):
        try:
            reason = await desk.reads.run(desk.service.ready)
        except TimeoutError:
            desk.service.graph.doubt()
            reason = "the database does not answer in time"
    if reason is None:
        return replies.Health(status="ready")
    response.status_code = 503
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return replies.Health(status="not-ready", reason=reason)


@routes.get(
    "/metrics",
    dependencies=[right("read")],
    response_class=Response,
    responses=also() | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(desk: AtDesk) -> Response:
    """Return counters and times for Prometheus."""
    text = await asyncio.to_thread(desk.metrics.text)
    return Response(text, media_type=_METRICS_TYPE)
