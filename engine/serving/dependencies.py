"""What every route works with, and the rights a route asks for."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Security, params
from fastapi.security import HTTPBearer, SecurityScopes
from limits import RateLimitItem
from limits.strategies import FixedWindowRateLimiter

from engine.data.api_key import Scope
from engine.serving.metrics import Metrics
from engine.serving.problems import Problem, unavailable
from engine.serving.service import Service
from engine.serving.workers import Workers
from engine.store.graph_client import GraphClient

T = TypeVar("T")

# Only for the OpenAPI page: ``admission`` has looked at the key before any route is reached.
_BEARER = HTTPBearer(auto_error=False, description="a key of: engine keys create")


@dataclass(frozen=True)
class AppContext:
    """One for an application.

    Attributes:
        reads: Threads for answers.
        writes: Threads for events and moves of the pointer, so that a slow one delays no answer.
        user_events: How many events of one user are taken.
    """

    service: Service
    reads: Workers
    writes: Workers
    metrics: Metrics
    limiter: FixedWindowRateLimiter
    user_events: RateLimitItem

    async def read(self, work: Callable[[GraphClient], T]) -> T:
        """Return what the graph answers; nothing stands in where it does not.

        Raises:
            Problem: 503, it took too long, or every thread is at work.
        """
        graph = self.service.graph
        try:
            return await self.reads.run(lambda: graph.ask(work))
        except TimeoutError as error:
            graph.doubt()
            raise unavailable("the database did not answer in time") from error


def _context(request: Request) -> AppContext:
    context: AppContext = request.app.state.context
    return context


ContextDep = Annotated[AppContext, Depends(_context)]


async def _check(
    request: Request, asked: SecurityScopes, _: Annotated[object, Depends(_BEARER)]
) -> None:
    caller = getattr(request.state, "caller", None)
    lacking = set(asked.scopes) - set(caller.rights if caller else ())
    if lacking:
        raise Problem(403, f"this key lacks the scope {', '.join(sorted(lacking))}")


def requires(scope: Scope) -> params.Depends:
    """Return the dependency of a route that asks for a right."""
    dependency: params.Depends = Security(_check, scopes=[scope])
    return dependency


def took_ms(request: Request) -> float:
    """Return how long ago the request arrived."""
    began: float = request.state.began
    return round(1_000 * (time.perf_counter() - began), 2)
