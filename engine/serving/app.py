"""Put the service together: routes, layers around them, what they work with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from limits import RateLimitItem, parse
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from engine.config import Settings
from engine.errors import ConfigError
from engine.serving import (
    catalogue,
    docs_page,
    events,
    experiment_routes,
    feedback_routes,
    forgetting_routes,
    generations,
    health,
    lists,
    operations,
    page_files,
    problems,
    shown_lists,
    users,
)
from engine.serving.admission import AccessPolicy, Admission
from engine.serving.body import StrictBody
from engine.serving.bounded_threads import BoundedThreads
from engine.serving.dependencies import AppContext
from engine.serving.prometheus_metrics import Metrics
from engine.serving.rate_limits import RateLimits
from engine.serving.request_tracking import RequestTracking
from engine.serving.service import WRITE_SECONDS_FACTOR, Service
from engine.serving.shown_lists import OUTCOME_SECONDS
from engine.serving.state_metrics import StateMetrics
from engine.serving.ticker import Ticker
from engine.version import __version__

_WRITERS = 4
_REGISTRY_READERS = 4
_LOOK_SECONDS = 1.0
"""Between two looks at what is only measured: how old it is where several processes serve."""


def build(service: Service, *, loopback: bool, docs: bool, page: bool) -> ASGIApp:
    """Return the application.

    Args:
        service: What it answers from; the caller closes it.
        loopback: Whether only this machine can reach it.
        docs: Whether to show the OpenAPI page.
        page: Whether to show the page at ``/``.

    Raises:
        ConfigError: A rate of the settings is malformed.
    """
    settings = service.settings
    limits = RateLimits(settings.rate_store)
    context = AppContext(
        service=service,
        reads=BoundedThreads("answers", settings.serve_concurrency, settings.serve_seconds),
        writes=BoundedThreads("writes", _WRITERS, WRITE_SECONDS_FACTOR * settings.serve_seconds),
        outcomes=BoundedThreads("outcomes", 2, OUTCOME_SECONDS),
        registry_reads=BoundedThreads("registry", _REGISTRY_READERS, settings.serve_seconds),
        metrics=Metrics(),
        limits=limits,
        user_events=rate_of(settings, "serve_user_events"),
    )
    _add_gauges(context)
    policy = AccessPolicy(
        keys=service.keys,
        loopback=loopback,
        proxied=bool(settings.serve_proxies),
        origins=settings.serve_origins,
        limits=limits,
        rate=rate_of(settings, "serve_rate"),
        docs=docs,
        page=page,
        check_free=context.reads.check_free,
    )
    app = routes(docs=docs, page=page)
    app.state.context = context
    layers: ASGIApp = Admission(StrictBody(app), policy)
    if settings.serve_origins:
        layers = CORSMiddleware(
            layers,
            allow_origins=settings.serve_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
        )
    return RequestTracking(layers, context.metrics)


def routes(*, docs: bool, page: bool = False) -> FastAPI:
    """Return the routes alone, as the OpenAPI page describes them."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        context: AppContext = app.state.context
        looking = Ticker("engine-metrics", _LOOK_SECONDS, context.metrics.look)
        yield
        looking.close()
        context.reads.close()
        context.writes.close()
        context.outcomes.close()
        context.registry_reads.close()
        await context.limits.close()

    app = FastAPI(
        title="engine",
        version=__version__,
        summary="Recommendations learned from a graph, served by Cypher.",
        openapi_url="/openapi.json" if docs else None,
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        redirect_slashes=False,
        # What generated clients call the routes.
        generate_unique_id_function=lambda route: route.name,
    )
    parts = (
        lists,
        users,
        catalogue,
        feedback_routes,
        forgetting_routes,
        events,
        shown_lists,
        experiment_routes,
        generations,
        operations,
        health,
    )
    for part in parts:
        app.include_router(part.routes)
    if docs:
        docs_page.install(app)
    if page:
        page_files.install(app)
    problems.install(app)
    return app


def _add_gauges(context: AppContext) -> None:
    graph, metrics = context.service.graph, context.metrics
    metrics.watch("engine_neo4j_up", "Whether a Neo4j answers", lambda: float(not graph.away))
    metrics.watch(
        "engine_generation",
        "Generation in service when last seen, 0 where there is none",
        lambda: float(graph.popular.generation if graph.popular else 0),
    )
    metrics.watch(
        "engine_events_waiting",
        "Events that wait for their transaction; at 20,000 more are refused",
        lambda: float(context.service.intake.events_waiting),
        together="livesum",
    )
    metrics.watch(
        "engine_busy",
        "Answers being made now",
        lambda: float(context.reads.busy),
        together="livesum",
    )
    answered = context.service.answered
    metrics.count(
        "engine_lists_remembered", "Lists that the graph remembers", lambda: answered.remembered
    )
    metrics.count(
        "engine_lists_dropped",
        "Lists that were not remembered: too many waited, or no Neo4j took them before the end",
        lambda: answered.dropped,
    )
    metrics.watch(
        "engine_lists_waiting",
        "Lists that wait to be remembered; of more than 20,000 the oldest are dropped",
        lambda: float(answered.waiting),
        together="livesum",
    )
    metrics.add_of_graph(context.service.outcomes)
    metrics.add_of_graph(StateMetrics(lambda: context.service.watch.state))


def check_rates(settings: Settings) -> None:
    """Look at the rates of the settings, and at the address of the store that counts them.

    Raises:
        ConfigError: One is malformed.
        MissingExtra: A store is named and its client is not installed.
    """
    for name in ("serve_rate", "serve_user_events"):
        rate_of(settings, name)
    RateLimits(settings.rate_store)


def rate_of(settings: Settings, name: str) -> RateLimitItem:
    """Return the rate that a setting names.

    Raises:
        ConfigError: It is malformed.
    """
    text = str(getattr(settings, name))
    try:
        return parse(text)
    except ValueError as error:
        raise ConfigError(
            f"setting {name} is {text!r}, which is not COUNT/PERIOD",
            hint=f"ENGINE_{name.upper()}=100/second",
        ) from error
