"""Bodies: how large, how slow, of which type, and JSON that means one thing only."""

import asyncio
import json
import math
import re
from collections.abc import Mapping, Sequence
from email.message import Message as Mime
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.serving.problems import Problem

MAX_BYTES = 256 * 1024
MAX_DEPTH = 8
SECONDS = 10.0
_JSON = "application/json"
_TYPES: Mapping[str, Sequence[str]] = {
    "POST": (_JSON,),
    "PUT": (_JSON,),
    "PATCH": (_JSON, "application/merge-patch+json"),
}
"""Types of body of each method that has one."""
_DESCRIBED = re.compile(r"/v1/(items|users)/[^/]+")
"""Paths that PUT and PATCH are for."""
_TOO_DEEP = f"the JSON is nested more than {MAX_DEPTH} deep, the limit"
_SHOWN = 64
"""Characters of a refused value that its message shows."""


class StrictBody:
    """Reads a body whole before a route sees it, or ends the request with 400, 408, 413 or 415.

    The body of a method that no route takes is not read: what answers is 404 or 405.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge the body of one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            headers = Headers(scope=scope)
            body = b""
            if scope["method"] in _TYPES and _takes_body(scope):
                _check_type(headers, _TYPES[scope["method"]])
                body = await _read(headers, receive)
                check_json(body)
            elif scope["method"] in ("GET", "HEAD") and has_body(headers):
                raise Problem(400, f"a {scope['method']} request has a body: send it without one")
        except Problem as problem:
            await problem.response(scope)(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)


def _takes_body(scope: Scope) -> bool:
    return scope["method"] == "POST" or _DESCRIBED.fullmatch(scope["path"]) is not None


def has_body(headers: Headers) -> bool:
    """Tell whether a body follows the head of a request."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def check_json(body: bytes) -> None:
    """Refuse what is not JSON, or what two parsers may read as two things.

    Raises:
        Problem: 400, with the reason.
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse,
            parse_float=_finite,
        )
    except RecursionError as error:
        raise Problem(400, _TOO_DEEP) from error
    except ValueError as error:  # of UTF-8, of JSON, of a number
        raise Problem(
            400, "the body is not one JSON value in UTF-8 without a byte order mark"
        ) from error
    level = _containers([value])
    for _ in range(MAX_DEPTH):
        level = [inner for one in level for inner in _containers(one)]
    if level:
        raise Problem(400, _TOO_DEEP)


def _containers(one: Any) -> list[Any]:
    """Return the lists and objects right inside one."""
    inner = one.values() if isinstance(one, dict) else one
    return [value for value in inner if isinstance(value, dict | list)]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise Problem(
                400, f"the name {name[:_SHOWN]!r} stands twice in one object: send it once"
            )
        made[name] = value
    return made


def _refuse(name: str) -> NoReturn:
    raise Problem(400, f"{name} is not a number of JSON: send a finite one, or leave the field out")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Problem(400, f"the number {text[:_SHOWN]} is beyond the largest double, 1.8e308")
    return value


def _check_type(headers: Headers, allowed: Sequence[str]) -> None:
    coding = ", ".join(headers.getlist("content-encoding"))
    if coding.lower() not in ("", "identity"):
        raise Problem(
            415, f"Content-Encoding is {coding[:_SHOWN]!r}: send the body without compression"
        )
    given = headers.getlist("content-type")
    mime = Mime()
    mime["content-type"] = given[0] if len(given) == 1 else ""
    charset = str(mime.get_param("charset", "utf-8")).lower()
    if mime.get_content_type() not in allowed or charset not in ("utf-8", "utf8"):
        shown = ", ".join(given)[:_SHOWN]
        raise Problem(415, f"Content-Type is {shown!r}: send {allowed[0]} in UTF-8")


async def _read(headers: Headers, receive: Receive) -> bytes:
    too_large = Problem(
        413, f"the body is larger than {MAX_BYTES} bytes, the limit: send fewer values at a time"
    )
    if int(headers.get("content-length", "0")) > MAX_BYTES:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Problem(400, "the client went away before its body had arrived")
                body += message.get("body", b"")
                if len(body) > MAX_BYTES:
                    raise too_large
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError as error:
        raise Problem(
            408, f"the body did not arrive within {SECONDS:.0f} seconds, the limit: send it again"
        ) from error


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
