"""What every route works with, and the rights a route asks for."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request, Security, params
from fastapi.security import HTTPBearer, SecurityScopes
from limits import RateLimitItem

from engine.data.api_key import Scope
from engine.serving.bounded_threads import BoundedThreads
from engine.serving.problems import Problem, unavailable
from engine.serving.prometheus_metrics import Metrics
from engine.serving.rate_limits import RateLimits
from engine.serving.schemas import REPEATABLE, NoQuery
from engine.serving.service import Service
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

T = TypeVar("T")
GIVEN_TWICE = "is given more than once: give it once"

# Only for the OpenAPI page: ``admission`` has looked at the key before any route is reached.
_BEARER = HTTPBearer(auto_error=False, description="a key of: engine keys create")


@dataclass(frozen=True)
class AppContext:
    """One for an application.

    Attributes:
        reads: Threads for answers.
        writes: Threads for events and moves of the pointer, so that a slow one delays no answer.
        outcomes: Two threads for what came of all lists, which may take a while.
        registry_reads: Threads for what the registry alone knows: while it is locked, they wait
            there, and no answer of the graph is delayed.
        user_events: How many events of one user are taken.
    """

    service: Service
    reads: BoundedThreads
    writes: BoundedThreads
    outcomes: BoundedThreads
    registry_reads: BoundedThreads
    metrics: Metrics
    limits: RateLimits
    user_events: RateLimitItem

    async def read(self, work: Callable[[GraphClient], T]) -> T:
        """Return what the graph answers; nothing stands in where it does not.

        ``work`` asks nothing else: whoever is late counts as a graph that is away.

        Raises:
            Problem: 503, it took too long, or every thread is at work.
        """
        graph = self.service.graph
        try:
            return await self.reads.run(lambda: graph.ask(work))
        except TimeoutError as error:
            graph.mark_unavailable()
            raise unavailable(
                "the database did not answer within serve_seconds: ask again"
            ) from error

    async def read_registry(self, work: Callable[[Registry], T]) -> T:
        """Return what the registry answers.

        Raises:
            Problem: 503, it took too long, or every thread is at work.
        """
        try:
            return await self.registry_reads.run(lambda: work(self.service.registry))
        except TimeoutError as error:
            raise unavailable(
                "the registry did not answer within serve_seconds: ask again"
            ) from error


async def _context(request: Request) -> AppContext:
    context: AppContext = request.app.state.context
    return context


ContextDep = Annotated[AppContext, Depends(_context)]


async def _check(
    request: Request, asked: SecurityScopes, _: Annotated[object, Depends(_BEARER)]
) -> None:
    caller = getattr(request.state, "caller", None)
    lacking = sorted(set(asked.scopes) - set(caller.rights if caller else ()))
    if lacking:
        raise Problem(
            403,
            f"the key lacks the scope {', '.join(lacking)}: "
            f"engine keys create NAME --scope {lacking[0]}",
        )
    _check_repeated(request)


def _check_repeated(request: Request) -> None:
    """Refuse a parameter that is given twice: no order says which of its values counts."""
    counts = Counter(name for name, _ in request.query_params.multi_items())
    repeated = [name for name, n in counts.items() if n > 1 and name not in REPEATABLE]
    if repeated:
        raise Problem(
            422,
            "parameters of the query string are given more than once: see errors",
            errors=[(("query", name[:64]), GIVEN_TWICE) for name in repeated],
        )


async def _no_query(_: Annotated[NoQuery, Query()]) -> None:
    """Let FastAPI refuse any parameter of the query string."""


def requires(scope: Scope) -> params.Depends:
    """Return the dependency of a route that a key needs a scope for.

    It refuses a parameter that is given twice as well.
    """
    dependency: params.Depends = Security(_check, scopes=[scope])
    return dependency


NO_QUERY: params.Depends = Depends(_no_query)
"""The dependency of a route that takes no parameter in its query string."""


def took_ms(request: Request) -> float:
    """Return how long ago the request arrived."""
    began: float = request.state.began
    return round(1_000 * (time.perf_counter() - began), 2)
