"""Whatever the OpenAPI page allows, and much that it does not, is answered as the page says."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, assume, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from engine.serving import app

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
OPERATIONS = [
    (method.upper(), path)
    for path, methods in app.routes(docs=True).openapi()["paths"].items()
    for method in methods
]
# Nothing of theirs could be wrong.
TAKE_NOTHING = ("/v1/experiments", "/v1/generations", "/v1/lists", "/v1/status")
CASES = [
    (method, path, mode)
    for method, path in OPERATIONS
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode is GenerationMode.POSITIVE or (path.startswith("/v1") and path not in TAKE_NOTHING)
]
RIGHTS = {
    ("POST", "/v1/events"): "write",
    ("POST", "/v1/impressions"): "write",
    ("POST", "/v1/items"): "write",
    ("POST", "/v1/users"): "write",
    ("POST", "/v1/users/{user}/dislikes"): "write",
    ("POST", "/v1/users/{user}/merge"): "write",
    ("DELETE", "/v1/users/{user}/dislikes"): "write",
    ("POST", "/v1/generations/{number}/promote"): "admin",
    ("POST", "/v1/generations/rollback"): "admin",
}
# Headers by which the HTTP server knows where a request ends: a wrong one never reaches a route.
# They are drawn, as hypothesis tries the words that stand in the modules that are loaded.
FRAMING = frozenset({"connection", "content-length", "expect", "host", "transfer-encoding"})
BY_METHOD = {"PUT": "write", "PATCH": "write"}


@pytest.fixture(scope="module")
def page(running: Any) -> Any:
    return schemathesis.openapi.from_url(f"{running.url}/openapi.json")


@pytest.mark.parametrize(("method", "path", "mode"), CASES)
def test_the_service_does_what_its_page_says(
    page: Any, running: Any, method: str, path: str, mode: GenerationMode
) -> None:
    operation = page[path][method]
    right = RIGHTS.get((method, path), BY_METHOD.get(method, "read"))
    headers = {"Authorization": f"Bearer {running.keys[right]}"}

    @given(case=operation.as_strategy(generation_mode=mode))
    @seed(20260801)
    @settings(
        max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    def check(case: schemathesis.Case) -> None:
        assume(FRAMING.isdisjoint(name.lower() for name in case.headers or ()))
        assume(mode is GenerationMode.POSITIVE or _is_sent_as_drawn(case))
        case.call_and_validate(headers=headers, checks=CHECKS)

    check()


def _is_sent_as_drawn(case: schemathesis.Case) -> bool:
    """Tell whether what is wrong with a query is wrong in its address too.

    An empty list is not sent, and a list of one value is sent as that value.
    """
    drawn = dict(case.query or {})
    if any(isinstance(value, list) and len(value) == 1 for value in drawn.values()):
        return False
    url = requests.Request("GET", "http://here/", params=drawn).prepare().url
    sent = set(parse_qs(urlsplit(str(url)).query, keep_blank_values=True))
    return {str(name) for name in drawn} <= sent


def test_the_page_describes_every_operation(running: Any) -> None:
    with running.client() as client:
        told = client.get("/openapi.json").json()
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], (method, path)
            assert "200" in operation["responses"]
            if path.startswith("/v1"):
                assert {"401", "403", "422", "429", "503"} <= set(operation["responses"])
                assert operation["security"]
