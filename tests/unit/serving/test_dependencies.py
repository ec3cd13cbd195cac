"""What every route asks for: a scope, and a query string that means one thing only."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from engine.data.api_key import SCOPES
from engine.serving import app
from engine.serving.admission import Caller
from engine.serving.dependencies import GIVEN_TWICE
from engine.serving.prometheus_metrics import Metrics
from engine.serving.request_tracking import RequestTracking
from engine.serving.schemas import REPEATABLE

PAGE = app.routes(docs=True).openapi()
OPERATIONS = [
    (method.upper(), path, [one for one in operation.get("parameters", ()) if one["in"] == "query"])
    for path, methods in PAGE["paths"].items()
    for method, operation in methods.items()
    if path.startswith("/v1")
]
TWICE = [
    (method, path, one["name"])
    for method, path, parameters in OPERATIONS
    for one in parameters
    if one["name"] not in REPEATABLE
]
TAKE_NO_QUERY = [(method, path) for method, path, parameters in OPERATIONS if not parameters]


def _ask(method: str, path: str, query: str = "", scopes: Any = SCOPES) -> httpx.Response:
    """Ask the routes alone; nothing is behind them, so only what is refused has an answer."""
    inner = app.routes(docs=False)
    inner.state.context = None

    async def admitted(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["caller"] = Caller("x", "somebody", scopes)
        await inner(scope, receive, send)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(RequestTracking(admitted, Metrics()))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            filled = path.replace("{number}", "1").replace("{user}", "u").replace("{item}", "i")
            return await client.request(method, f"{filled}?{query}", json={})

    return asyncio.run(ask())


def test_every_route_has_its_turn() -> None:
    assert {name for _, _, name in TWICE} >= {"k", "limit", "prefix", "by", "user", "exclude_seen"}
    assert len(TAKE_NO_QUERY) >= 7


@pytest.mark.parametrize(("method", "path", "name"), TWICE)
def test_a_parameter_that_is_given_twice_is_refused(method: str, path: str, name: str) -> None:
    answer = _ask(method, path, f"{name}=10&{name}=20")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"where": ["query", name], "what": GIVEN_TWICE}]


@pytest.mark.parametrize(("method", "path"), TAKE_NO_QUERY)
def test_a_parameter_that_no_route_takes_is_refused(method: str, path: str) -> None:
    answer = _ask(method, path, "k=5")
    assert answer.status_code == 422
    assert ["query", "k"] in [one["where"] for one in answer.json()["errors"]]


@pytest.mark.parametrize(("method", "path", "parameters"), OPERATIONS)
def test_a_key_without_the_scope_is_told_how_to_get_one(
    method: str, path: str, parameters: Any
) -> None:
    answer = _ask(method, path, scopes=())
    assert answer.status_code == 403
    assert "engine keys create NAME --scope" in answer.json()["detail"]


def test_what_may_be_given_again_is_what_routes_take_as_lists() -> None:
    lists = {
        one["name"]
        for _, _, parameters in OPERATIONS
        for one in parameters
        if one["schema"].get("type") == "array"
    }
    assert lists == REPEATABLE
