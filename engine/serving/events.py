"""The route that takes events."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future

from fastapi import APIRouter, Request

from engine.data.reading.rejection import CODES, Rejection
from engine.serving import replies, schemas
from engine.serving.answer_form import AnswerRoute
from engine.serving.dependencies import NO_QUERY, AppContext, ContextDep, requires, took_ms
from engine.serving.problems import Problem, error_responses, unavailable
from engine.usecases.ingesting import IntakeResult

routes = APIRouter(prefix="/v1", tags=["events"], route_class=AnswerRoute)


@routes.post(
    "/events", dependencies=[requires("write"), NO_QUERY], responses=error_responses(409, 413, 415)
)
async def take_events(
    request: Request, context: ContextDep, body: schemas.EventsRequest
) -> replies.EventsReply:
    """Write events, all or none; the same events sent again count once.

    An event is known by its ``event_id``, or else by its content. An id that stands for another
    event is a conflict (409).
    """
    counts = Counter(event.user_id for event in body.events)
    await _check_users(context, counts)
    rows = [event.as_row() for event in body.events]
    if context.service.graph.away:  # nobody queues for what will not be there
        raise unavailable("no Neo4j server answers: nothing of this was written")
    taken = await _written(context, context.service.intake.submit(rows))
    for outcome, number in (
        ("accepted", taken.accepted),
        ("duplicate", taken.duplicate),
        ("forgotten", taken.forgotten),
        ("past-limit", taken.past_limit),
        ("refused", len(taken.bad) + len(taken.conflicts)),
    ):
        context.metrics.events.labels(outcome).inc(number)
    for fault in (*taken.bad, *taken.conflicts):
        context.metrics.refused_events.labels(fault.code).inc()
    if taken.bad:
        raise Problem(422, "no event was written", errors=_faults(taken.bad))
    if taken.conflicts:
        raise Problem(409, "no event was written", errors=_faults(taken.conflicts))
    if taken.accepted:  # what was there already costs nobody anything
        for user, number in counts.items():
            await context.limits.hit(context.user_events, "user", user, cost=number)
    held = context.service.graph.popular
    return replies.EventsReply(
        accepted=taken.accepted,
        duplicate=taken.duplicate,
        forgotten=taken.forgotten,
        past_limit=taken.past_limit,
        generation=held.generation if held else None,
        took_ms=took_ms(request),
    )


async def _written(context: AppContext, taken: Future[IntakeResult]) -> IntakeResult:
    """Wait until a post is committed.

    Raises:
        Problem: 503, it took too long; the message says whether it was written.
    """
    waiting = asyncio.wrap_future(taken)
    # Looked at in any case: a client that has gone asks for it no more.
    waiting.add_done_callback(lambda done: done.cancelled() or done.exception())
    done, _ = await asyncio.wait({waiting}, timeout=context.writes.seconds)
    if not done:
        if taken.cancel():
            raise unavailable("earlier events are still being written: nothing of this was")
        raise unavailable("it is not known whether this was written: send the same again")
    if taken.cancelled():
        raise unavailable("the service is ending: nothing of this was written")
    return waiting.result()


async def _check_users(context: AppContext, counts: Mapping[str, int]) -> None:
    """Keep one user from deciding what is popular: so many events in a time, whoever sends them."""
    for user, number in counts.items():
        if not await context.limits.test(context.user_events, "user", user, cost=number):
            raise Problem(
                429,
                f"the user {user!r} would have more than {context.user_events} events, "
                "the limit: send the rest later",
            )


def _faults(bad: Sequence[Rejection]) -> list[tuple[Sequence[str | int], str]]:
    return [
        (("body", "events", one.row, *([one.detail] if one.detail else [])), CODES[one.code])
        for one in bad[:20]
    ]
