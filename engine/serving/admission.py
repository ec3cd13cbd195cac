"""Who may come in: whose key, how often, from where while there is none; before a body is read."""

from dataclasses import dataclass
from math import ceil
from time import time
from urllib.parse import unquote_to_bytes

from limits import RateLimitItem
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.data.api_key import SCOPES
from engine.data.api_key import Scope as Right
from engine.serving.key_cache import KeyCache
from engine.serving.problems import Problem
from engine.serving.strict_http import HEAD_BYTES

MAX_FIELDS = 64

_CLOSE = {"Connection": "close"}
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
_PUBLIC = ("/health/live", "/health/ready")
_DOCS = ("/docs", "/openapi.json")


@dataclass(frozen=True)
class Caller:
    """Whose request it is.

    Attributes:
        id: Public part of the key; ``open`` where no key is asked for.
        name: Whose key it is.
    """

    id: str
    name: str
    rights: tuple[Right, ...]


_ANYBODY = Caller("open", "anybody on this machine", SCOPES)


@dataclass(frozen=True)
class AccessPolicy:
    """What decides who comes in.

    Attributes:
        loopback: Whether only this machine can reach the service. If so, and as long as no key was
            ever made, none is asked for.
        limiter: Counts requests of keys.
        rate: How many a key may make.
        docs: Whether the OpenAPI page is shown, to everybody.
        page: Whether the page's files are shown, to everybody; what it asks for needs a key.
    """

    keys: KeyCache
    loopback: bool
    limiter: FixedWindowRateLimiter
    rate: RateLimitItem
    docs: bool
    page: bool

    @property
    def open(self) -> bool:
        """Whether no key is asked for."""
        return self.loopback and self.keys.empty


class Admission:
    """Lets a request in, or ends it with 400, 401 or 429."""

    def __init__(self, app: ASGIApp, policy: AccessPolicy) -> None:
        self._app, self._policy = app, policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge one request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            try:
                _check_form(scope)
                if not self._is_public(scope["path"]):
                    caller = self._caller(Headers(scope=scope))
                    scope["state"]["caller"] = caller
                    self._count(caller)
            except Problem as problem:
                await problem.response(scope)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_public(self, path: str) -> bool:
        docs = self._policy.docs and (path in _DOCS or path.startswith("/docs/"))
        page = self._policy.page and (path == "/" or path.startswith("/page/"))
        return path in _PUBLIC or docs or page

    def _caller(self, headers: Headers) -> Caller:
        if self._policy.open:
            _check_host(headers)
            return _ANYBODY
        given = headers.getlist("authorization")
        scheme, _, text = (given[0] if len(given) == 1 else "").partition(" ")
        key = self._policy.keys.find(text.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise Problem(
                401,
                "send Authorization: Bearer KEY, with a key of engine keys create",
                headers={"WWW-Authenticate": 'Bearer realm="engine"'},
            )
        return Caller(key.id, key.name, key.scopes)

    def _count(self, caller: Caller) -> None:
        policy = self._policy
        if not policy.limiter.hit(policy.rate, caller.id):
            left = policy.limiter.get_window_stats(policy.rate, caller.id).reset_time - time()
            raise Problem(
                429,
                f"a key may make {policy.rate}",
                headers={"Retry-After": str(max(1, ceil(left)))},
            )


def _check_form(scope: Scope) -> None:
    """Refuse what the parser lets pass, and let routes see the path as it was sent.

    A segment is decoded once, by the route it belongs to: so an id may hold a slash.
    """
    headers = Headers(scope=scope)
    fields = scope["headers"]
    size = sum(len(name) + len(value) for name, value in fields)
    if len(fields) > MAX_FIELDS or size + len(scope["raw_path"]) > HEAD_BYTES:
        raise Problem(431, f"at most {MAX_FIELDS} fields, {HEAD_BYTES} bytes", headers=_CLOSE)
    if len(headers.getlist("host")) > 1 or (
        "host" not in headers and scope["http_version"] == "1.1"
    ):
        raise Problem(400, "a request has one Host", headers=_CLOSE)
    if headers.get("transfer-encoding", "chunked").strip().lower() != "chunked":
        raise Problem(400, "only chunked is understood", headers=_CLOSE)
    try:
        unquote_to_bytes(scope["query_string"]).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(400, "the query is not UTF-8") from error
    scope["path"] = scope["raw_path"].decode("ascii")


def _check_host(headers: Headers) -> None:
    """Refuse a page of another site that had its name point at this machine (DNS rebinding)."""
    name = headers.get("host", "").lower()
    if not name.endswith("]"):
        name = name.rpartition(":")[0] or name
    if name not in _LOOPBACK_NAMES:
        raise Problem(400, "while there is no key, this machine is called localhost")
