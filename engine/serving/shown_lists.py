"""Routes that take which items of a list were seen, and say what came of lists."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery

from engine.data.list_id import list_time
from engine.errors import NotFound
from engine.graph import remembered_lists
from engine.graph.remembered_lists import Impressions
from engine.serving import outcome_replies, outcome_requests
from engine.serving.answer_form import AnswerRoute
from engine.serving.dependencies import NO_QUERY, AppContext, ContextDep, requires, took_ms
from engine.serving.problems import Problem, error_responses, unavailable
from engine.usecases.outcomes import outcomes_of

routes = APIRouter(prefix="/v1", tags=["outcomes"], route_class=AnswerRoute)
OUTCOME_SECONDS = 30.0
"""What came of lists may take so long; engine outcomes waits longer."""
_ON_ITS_WAY_MS = 5_000
_LOOK_SECONDS = 0.1


@routes.post(
    "/impressions",
    dependencies=[requires("write"), NO_QUERY],
    responses=error_responses(404, 409, 413, 415),
)
async def take_impressions(
    request: Request, context: ContextDep, body: outcome_requests.ImpressionsRequest
) -> outcome_replies.ImpressionsReply:
    """Note which items of a list were seen; the same again counts once.

    A list that was answered counts as asked for; of which items were seen, this alone tells.
    """
    if not context.service.settings.remember_lists:
        raise Problem(409, "lists are not remembered: set remember_lists = true in engine.toml")
    if context.service.graph.away:
        raise unavailable("no Neo4j server answers: nothing of this was written")
    noted = await _noted(context, body)
    context.metrics.impressions.labels("accepted").inc(noted.accepted)
    context.metrics.impressions.labels("duplicate").inc(noted.duplicate)
    held = context.service.graph.popular
    return outcome_replies.ImpressionsReply(
        accepted=noted.accepted,
        duplicate=noted.duplicate,
        generation=held.generation if held else None,
        took_ms=took_ms(request),
    )


@routes.get("/outcomes", dependencies=[requires("read")], responses=error_responses())
async def show_outcomes(
    request: Request,
    context: ContextDep,
    query: Annotated[outcome_requests.OutcomeQuery, InQuery()],
) -> outcome_replies.OutcomesReply:
    """Show what came of the lists that were answered: rates with intervals by users."""
    service, asked = context.service, query.request()
    days = service.settings.list_days
    try:
        found = await context.outcomes.run(
            lambda: service.graph.ask(
                lambda graph: outcomes_of(graph, asked, days, OUTCOME_SECONDS / 2)
            )
        )
    except TimeoutError as error:
        raise unavailable("it took too long: ask for fewer days, or engine outcomes") from error
    held = service.graph.popular
    return outcome_replies.OutcomesReply(
        **found.as_dict(),
        generation=held.generation if held else None,
        took_ms=took_ms(request),
    )


async def _noted(context: AppContext, body: outcome_requests.ImpressionsRequest) -> Impressions:
    """Note what was seen; a list that was answered just now may still be on its way.

    Raises:
        NotFound: No such list is remembered.
        Problem: 503, it took too long.
    """
    while True:
        try:
            return await context.writes.run(
                lambda: context.service.graph.ask(
                    lambda graph: remembered_lists.note_seen(graph, body.list_id, body.items)
                )
            )
        except TimeoutError as error:
            raise unavailable(
                "it is not known whether this was written: send the same again"
            ) from error
        except NotFound:
            age = time.time() * 1_000 - (list_time(body.list_id) or 0)
            if not 0 <= age < _ON_ITS_WAY_MS:
                raise
        await asyncio.sleep(_LOOK_SECONDS)
