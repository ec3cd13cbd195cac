"""What a client hears of an error: enough to mend its request, nothing of the inside."""

import asyncio
import json
import re

import httpx
import pytest
from fastapi import FastAPI

from engine import errors
from engine.serving import app, problems
from engine.serving.prometheus_metrics import Metrics
from engine.serving.request_tracking import RequestTracking

SECRET = "bolt://10.0.0.7:7687 Neo.ClientError.Statement.SyntaxError hunter2"


def _ask(error: Exception) -> httpx.Response:
    app = FastAPI(openapi_url=None)
    problems.install(app)

    @app.get("/")
    async def broken() -> None:
        raise error

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(RequestTracking(app, Metrics()))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.get("/")

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.UsageError("k is wrong"), 422),
        (errors.NotFound("there is no item x"), 404),
        (errors.PublishRefused("half of it is missing"), 409),
        (errors.Busy("a load is replacing the graph"), 503),
    ],
)
def test_what_the_client_can_mend_is_said(error: errors.EngineError, status: int) -> None:
    answer = _ask(error)
    assert (answer.status_code, answer.json()["detail"]) == (status, error.message)
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.Unreachable(SECRET), 503),
        (errors.TransientFailure(SECRET), 503),
        (errors.QueryFailed(SECRET), 503),
        (errors.QueryTooSlow(SECRET), 503),
        (errors.CommitUnknown(SECRET), 503),
        (errors.RegistryError(SECRET), 503),
        (errors.ModelError(SECRET), 500),
        (errors.EngineError(SECRET), 500),
        (ValueError(SECRET), 500),
        (RuntimeError(SECRET), 500),
    ],
)
def test_what_is_ours_stays_in_the_log(error: Exception, status: int) -> None:
    answer = _ask(error)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    for word in SECRET.split():
        assert word not in answer.text


def test_control_characters_are_shown_not_sent() -> None:
    answer = _ask(errors.NotFound("no item \x1b[31m\u202e"))
    assert answer.json()["detail"] == "no item \\x1b[31m\\u202e"


def test_the_page_describes_a_problem_and_names_each_route_once() -> None:
    page = app.routes(docs=True).openapi()
    forms = page["components"]["schemas"]
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(page)))
    assert {"ProblemReport", "FieldError"} <= named <= set(forms)
    assert forms["ProblemReport"]["required"] == ["status", "title", "detail", "request_id"]
    names = [one["operationId"] for path in page["paths"].values() for one in path.values()]
    assert len(set(names)) == len(names)
    assert {"recommendations", "similar", "take_events"} <= set(names)
