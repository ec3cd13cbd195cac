"""Who may ask: whose key, how often, from where while there is none; before a body is read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from limits import RateLimitItem
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.data.api_key import SCOPES
from engine.data.api_key import Scope as Right
from engine.serving.key_cache import KeyCache
from engine.serving.keyless import check_keyless
from engine.serving.problems import Problem, unavailable
from engine.serving.rate_limits import RateLimits
from engine.serving.strict_http import HEAD_BYTES

MAX_FIELDS = 64
MAX_REQUESTS = 512
"""In progress at once. A connection over which nothing is asked does not count."""

_CLOSE = {"Connection": "close"}
_HEALTH = ("/health/live", "/health/ready")
_LISTS = ("/recommendations", "/similar")
"""How paths of lists end. To refuse one here takes a sixth of the time that it takes in a route."""
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
    """What decides whose requests are let in.

    Attributes:
        loopback: Whether only this machine can reach the service. If so, and as long as no key was
            ever made, none is asked for.
        proxied: Whether the settings name a proxy: others can reach the service through it.
        origins: Of the pages that may ask (CORS).
        limits: Counts requests of keys.
        rate: How many a key may make.
        docs: Whether the OpenAPI page is shown, to everybody.
        page: Whether the page's files are shown, to everybody; what it asks for needs a key.
        check_free: Refuses while no list can be begun.
    """

    keys: KeyCache
    loopback: bool
    proxied: bool
    origins: Sequence[str]
    limits: RateLimits
    rate: RateLimitItem
    docs: bool
    page: bool
    check_free: Callable[[], None] = lambda: None

    @property
    def keyless(self) -> bool:
        """Whether no key is asked for."""
        return self.loopback and not self.proxied and self.keys.empty


class Admission:
    """Lets a request in, or ends it with 400, 401, 429, 431 or 503."""

    def __init__(self, app: ASGIApp, policy: AccessPolicy) -> None:
        self._app, self._policy = app, policy
        self._in_progress = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge one request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._admit(scope)
        except Problem as problem:
            await problem.response(scope)(scope, receive, send)
            return
        self._in_progress += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_progress -= 1

    async def _admit(self, scope: Scope) -> None:
        _check_form(scope)
        if scope["path"] in _HEALTH:
            return
        if self._in_progress >= MAX_REQUESTS:
            raise unavailable(f"{MAX_REQUESTS} requests are in progress, which is the limit")
        if not self._is_public(scope["path"]):
            caller = self._caller(scope)
            scope["state"]["caller"] = caller
            await self._count(caller)
        if scope["path"].endswith(_LISTS):
            self._policy.check_free()

    def _is_public(self, path: str) -> bool:
        docs = self._policy.docs and (path in _DOCS or path.startswith("/docs/"))
        page = self._policy.page and (path == "/" or path.startswith("/page/"))
        return docs or page

    def _caller(self, scope: Scope) -> Caller:
        headers = Headers(scope=scope)
        if self._policy.keyless:
            check_keyless(headers, scope["http_version"], self._policy.origins)
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

    async def _count(self, caller: Caller) -> None:
        policy = self._policy
        if not await policy.limits.hit(policy.rate, caller.id):
            left = await policy.limits.seconds_left(policy.rate, caller.id)
            raise Problem(
                429,
                f"a key may make {policy.rate} requests; ask again after Retry-After seconds",
                headers={"Retry-After": str(left)},
            )


def _check_form(scope: Scope) -> None:
    """Refuse what the parser lets pass, and let routes see the path as it was sent.

    A segment is decoded once, by the route it belongs to: so an id may hold a slash.
    """
    headers = Headers(scope=scope)
    fields = scope["headers"]
    size = sum(len(name) + len(value) for name, value in fields)
    if len(fields) > MAX_FIELDS or size + len(scope["raw_path"]) > HEAD_BYTES:
        raise Problem(
            431,
            f"the head has {len(fields)} fields and {size} bytes; "
            f"at most {MAX_FIELDS} fields and {HEAD_BYTES} bytes are read",
            headers=_CLOSE,
        )
    if len(headers.getlist("host")) > 1 or (
        "host" not in headers and scope["http_version"] == "1.1"
    ):
        raise Problem(400, "a request needs exactly one Host header", headers=_CLOSE)
    if headers.get("transfer-encoding", "chunked").strip().lower() != "chunked":
        raise Problem(
            400,
            "the Transfer-Encoding is not chunked, which is the only one that is read",
            headers=_CLOSE,
        )
    try:
        unquote_to_bytes(scope["query_string"]).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(400, "the query string is not percent-encoded UTF-8") from error
    scope["path"] = scope["raw_path"].decode("ascii")
