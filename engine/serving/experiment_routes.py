"""Routes that show experiments on users, and what is known of one now."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery

from engine.data.experiment_definition import Experiment
from engine.serving import experiment_replies, outcome_requests, schemas
from engine.serving.answer_form import AnswerRoute
from engine.serving.dependencies import NO_QUERY, ContextDep, requires, took_ms
from engine.serving.problems import error_responses, unavailable
from engine.serving.shown_lists import OUTCOME_SECONDS
from engine.usecases.experiment_reports import report_of_lists

routes = APIRouter(prefix="/v1/experiments", tags=["experiments"], route_class=AnswerRoute)
_READ = requires("read")


@routes.get("", dependencies=[_READ, NO_QUERY], responses=error_responses())
async def list_experiments(
    request: Request, context: ContextDep
) -> experiment_replies.ExperimentListReply:
    """List every experiment there was: its variants, their shares, who won."""
    found = await context.read_registry(lambda registry: registry.experiments.all())
    held = context.service.graph.popular
    return experiment_replies.ExperimentListReply(
        generation=held.generation if held else None,
        experiments=[_entry(one) for one in found],
        took_ms=took_ms(request),
    )


@routes.get("/{name}/report", dependencies=[_READ], responses=error_responses(404))
async def experiment_report(
    request: Request,
    context: ContextDep,
    name: schemas.PathId,
    query: Annotated[outcome_requests.ExperimentReportQuery, InQuery()],
) -> experiment_replies.ExperimentReportReply | experiment_replies.InterleavingReportReply:
    """Show the rates of the variants by the lists that are remembered, or whose items were chosen.

    While the experiment runs, each report is a look, and counted as one.
    """
    # It brings SciPy, which no other route needs.
    from engine.ab_tests.interleaving_report import InterleavingReport  # noqa: PLC0415

    service, asked = context.service, query.request()
    days = service.settings.list_days
    try:
        found = await context.outcomes.run(
            lambda: service.graph.ask(
                lambda graph: report_of_lists(
                    graph, service.registry, name, asked, days, OUTCOME_SECONDS / 2
                )
            )
        )
    except TimeoutError as error:
        raise unavailable("it took too long: engine experiment report waits longer") from error
    held = service.graph.popular
    reply = (
        experiment_replies.InterleavingReportReply
        if isinstance(found, InterleavingReport)
        else experiment_replies.ExperimentReportReply
    )
    return reply(
        **found.as_dict(),
        generation=held.generation if held else None,
        took_ms=took_ms(request),
    )


def _entry(one: Experiment) -> experiment_replies.ExperimentEntry:
    return experiment_replies.ExperimentEntry(
        name=one.name,
        state="running" if one.stopped_at is None else "stopped",
        metric=one.metric,
        layer=one.layer,
        traffic=one.traffic,
        variants=[
            experiment_replies.ExperimentVariantEntry(
                name=variant.name, share=variant.share, is_what=str(variant)
            )
            for variant in one.variants
        ],
        interleaved=one.interleaved,
        trial=one.trial is not None,
        days=one.days,
        looks=one.looks,
        started_at=one.started_at.isoformat(),
        stopped_at=None if one.stopped_at is None else one.stopped_at.isoformat(),
        winner=one.winner,
        stop_reason=one.stop_reason,
    )
