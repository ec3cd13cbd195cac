"""Error answers of the service: RFC 9457, with the id of the request and no secrets."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import Scope

from engine.errors import (
    Busy,
    CommitUnknown,
    EngineError,
    NotBuilt,
    NotFound,
    PublishRefused,
    QueryTooSlow,
    StoreError,
    TransientFailure,
    UsageError,
)
from engine.logs import scrub

_LOG = logging.getLogger(__name__)
RETRY_SECONDS = 1
METHOD_NOT_ALLOWED = 405
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
BROKEN = "the request failed: look for its request id in the log of engine serve"
_TITLES = {
    400: "Malformed request",
    401: "A key is needed",
    403: "This key may not do that",
    404: "Not found",
    405: "Method not allowed",
    408: "The request took too long to arrive",
    409: "Conflict",
    413: "Too large",
    415: "Only application/json in UTF-8 is understood",
    422: "A value is not allowed",
    429: "Too many requests",
    431: "The head of the request is too large",
    500: "Something broke",
    503: "Not available now",
}
# What a person may read of an error of ours; whatever is not here keeps its words for the log.
_STATUS: Sequence[tuple[type[EngineError], int]] = (
    (UsageError, 422),
    (NotBuilt, 409),
    (NotFound, 404),
    (PublishRefused, 409),
    (Busy, 503),
)


class FieldError(BaseModel):
    """One value that is not allowed; the code is that of a rule of loads (docs/files.md)."""

    model_config = ConfigDict(extra="forbid")
    where: list[str | int]
    what: str
    code: str | None = None


class ProblemReport(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")
    status: int
    title: str
    detail: str
    request_id: str
    errors: list[FieldError] = []


class Problem(Exception):
    """Ends a request with a status of 400 or more.

    Args:
        status: HTTP status.
        detail: One sentence for whoever wrote the client.
        errors: Each value that is not allowed, as ``(where, what)`` or with the code of the rule.
        headers: Such as ``Retry-After``.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[tuple[Sequence[str | int], str] | FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, errors
        self.headers = dict(headers or {})

    def response(self, scope: Scope) -> Response:
        """Return it as a response to the request of ``scope``."""
        report = ProblemReport(
            status=self.status,
            title=_TITLES.get(self.status, "Not possible"),
            detail=scrub(self.detail),
            request_id=scope["state"]["request_id"],
            errors=[_field_error(one) for one in self.errors],
        )
        return JSONResponse(
            report.model_dump(exclude=None if self.errors else {"errors"}, exclude_none=True),
            self.status,
            headers=self.headers,
            media_type="application/problem+json",
        )


def _field_error(one: tuple[Sequence[str | int], str] | FieldError) -> FieldError:
    where, what = (one.where, one.what) if isinstance(one, FieldError) else one
    code = one.code if isinstance(one, FieldError) else None
    return FieldError(where=_shown(where), what=scrub(what), code=code)


def _shown(where: Sequence[str | int]) -> list[str | int]:
    return [part if isinstance(part, int) else scrub(part) for part in where]


def unavailable(detail: str, seconds: int = RETRY_SECONDS) -> Problem:
    """Return a 503 that says when to come back."""
    return Problem(503, detail, headers={"Retry-After": str(seconds)})


def install(app: FastAPI) -> None:
    """Let every error of a route end as a problem."""

    async def problem(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == METHOD_NOT_ALLOWED:
            # The router names the verbs of the first route of the path alone.
            error.headers = {"Allow": ", ".join(_allowed(request))}
        return _of(error).response(request.scope)

    for kind in (Problem, EngineError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, problem)
    _describe(app)


def _describe(app: FastAPI) -> None:
    """Put the form of a problem, to which every route refers, on the OpenAPI page."""
    describe = app.openapi
    _, forms = models_json_schema(
        [(ProblemReport, "serialization")], ref_template="#/components/schemas/{model}"
    )

    def openapi() -> dict[str, Any]:
        page = describe()
        page["components"]["schemas"] |= forms["$defs"]
        return page

    app.openapi = openapi  # type: ignore[method-assign]


def _allowed(request: Request) -> list[str]:
    """Return the verbs that any route of the path takes."""
    asked = ({**request.scope, "method": method} for method in _METHODS)
    return [
        scope["method"]
        for scope in asked
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]


def _of(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        return Problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))
    if isinstance(error, CommitUnknown):
        return unavailable("it is not known whether this was written: send the same again")
    if isinstance(error, EngineError):
        return _of_ours(error)
    return Problem(500, BROKEN)


def _of_ours(error: EngineError) -> Problem:
    for kind, status in _STATUS:
        if isinstance(error, kind):
            detail = error.message
            if isinstance(error, NotBuilt):
                detail += f"; what makes it: {error.hint}"
            return unavailable(detail) if status == 503 else Problem(status, detail)
    _LOG.warning("%s: %s", type(error).__name__, error.message)
    if isinstance(error, TransientFailure):
        return unavailable("the database rolled this back after a temporary error: send it again")
    if isinstance(error, QueryTooSlow):
        return unavailable("the database took too long and rolled this back")
    if isinstance(error, StoreError):
        return unavailable("the database does not answer now")
    return Problem(500, BROKEN)


def _invalid(error: RequestValidationError) -> Problem:
    """Say what is wrong without echoing what was sent."""
    faults: list[Any] = list(error.errors())
    return Problem(
        422,
        "values that are not allowed are named in errors",
        errors=[
            (tuple(str(part)[:64] for part in one["loc"]), str(one["msg"])) for one in faults[:20]
        ],
    )


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": _TITLES[status],
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemReport"}}
        },
    }
    for status in (400, 401, 403, 422, 429, 503)
}
"""What every route may answer besides what was asked for, for the OpenAPI page."""


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return ``RESPONSES`` and more of the same form."""
    form = RESPONSES[400]["content"]
    return RESPONSES | {
        status: {"description": _TITLES[status], "content": form} for status in statuses
    }
