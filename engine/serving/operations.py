"""Routes for whoever runs the engine: what there is, how fresh it is, how the nights went.

They show names of files, counts and figures, no ids, and change nothing: the scope ``read`` is
enough, so that no key that may write needs to be where somebody only looks.
"""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Query as InQuery

from engine.serving import operator_replies, schemas
from engine.serving.answer_form import AnswerRoute
from engine.serving.dependencies import NO_QUERY, ContextDep, requires, took_ms
from engine.serving.problems import error_responses
from engine.usecases.status import (
    NightReport,
    ReportedTrial,
    graph_status_of,
    night_reports_of,
    status_with,
)

routes = APIRouter(prefix="/v1", tags=["operations"], route_class=AnswerRoute)
_READ = [requires("read")]


@routes.get("/status", dependencies=[*_READ, NO_QUERY], responses=error_responses())
async def status(request: Request, context: ContextDep) -> operator_replies.StatusReply:
    """Tell what the graph holds, how fresh it is, and how many rows were set aside."""
    held = await context.read(graph_status_of)
    whole = await context.read_registry(lambda registry: status_with(held, registry))
    values = whole.as_dict()
    return operator_replies.StatusReply(
        generation=values.pop("serving_generation"), **values, took_ms=took_ms(request)
    )


@routes.get("/nights", dependencies=_READ, responses=error_responses())
async def nights(
    request: Request, context: ContextDep, query: Annotated[schemas.NightListQuery, InQuery()]
) -> operator_replies.NightListReply:
    """List the newest nights: how each ended, what the gate asked and measured, and why."""
    found = await context.read_registry(lambda registry: night_reports_of(registry, query.limit))
    held = context.service.graph.popular
    return operator_replies.NightListReply(
        generation=held.generation if held else None,
        nights=[_night(one) for one in found],
        took_ms=took_ms(request),
    )


def _night(one: NightReport) -> operator_replies.NightEntry:
    values = asdict(one)
    return operator_replies.NightEntry.model_validate(
        values
        | {
            "started_at": one.started_at.isoformat(),
            "finished_at": one.finished_at and one.finished_at.isoformat(),
            "window": one.window or None,
            "trial": one.trial and _trial(one.trial),
        }
    )


def _trial(one: ReportedTrial) -> dict[str, Any]:
    return asdict(one) | {"stopped_at": one.stopped_at and one.stopped_at.isoformat()}
