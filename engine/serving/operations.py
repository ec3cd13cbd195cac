"""Routes for whoever runs the engine: what there is, how fresh it is, how the nights went.

They show names of files, counts and figures, no ids, and change nothing: the scope ``read`` is
enough, so that no key that may write needs to be where somebody only looks.
"""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery

from engine.nights.night_reports import NightReport
from engine.serving import operator_replies, schemas
from engine.serving.desk import AtDesk, right, took_ms
from engine.serving.problems import also, later
from engine.usecases.status import status_of

routes = APIRouter(prefix="/v1", tags=["operations"])
_READ = [right("read")]


@routes.get("/status", dependencies=_READ, responses=also())
async def status(request: Request, desk: AtDesk) -> operator_replies.Status:
    """Tell what the graph holds, how fresh it is, and how many rows were set aside."""
    registry = desk.service.registry
    told = (await desk.read(lambda graph: status_of(graph, registry))).as_dict()
    return operator_replies.Status(
        generation=told.pop("serving_generation"), **told, took_ms=took_ms(request)
    )


@routes.get("/nights", dependencies=_READ, responses=also())
async def nights(
    request: Request, desk: AtDesk, query: Annotated[schemas.Nights, InQuery()]
) -> operator_replies.Nights:
    """List the newest nights: how each ended, what the gate asked and measured, and why."""
    service = desk.service
    try:
        found = await desk.reads.run(lambda: service.nights(query.limit))
    except TimeoutError as error:
        raise later("the registry did not answer in time") from error
    held = service.graph.popular
    return operator_replies.Nights(
        generation=held.generation if held else None,
        nights=[_night(one) for one in found],
        took_ms=took_ms(request),
    )


def _night(one: NightReport) -> operator_replies.Night:
    told = asdict(one)
    return operator_replies.Night.model_validate(
        told
        | {
            "started_at": one.started_at.isoformat(),
            "finished_at": one.finished_at and one.finished_at.isoformat(),
            "window": one.window or None,
        }
    )
