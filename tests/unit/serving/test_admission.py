"""Who is let in: by key, by rate, by form; and how many at once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from limits import parse
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from engine.config import Settings
from engine.connections.session import open_registry
from engine.serving.admission import MAX_FIELDS, MAX_REQUESTS, AccessPolicy, Admission
from engine.serving.key_cache import KeyCache
from engine.serving.problems import Problem
from engine.serving.prometheus_metrics import Metrics
from engine.serving.rate_limits import RateLimits
from engine.serving.request_tracking import RequestTracking
from engine.usecases import keys

PATH = "/v1/users/u1/recommendations"


async def _name(scope: Scope, receive: Receive, send: Send) -> None:
    caller = scope["state"].get("caller")
    await Response(caller.name if caller else "public")(scope, receive, send)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def key_cache(settings: Settings) -> Iterator[KeyCache]:
    with open_registry(settings) as registry:
        cache = KeyCache(registry)
        yield cache
        cache.close()


def _policy(cache: KeyCache, **more: Any) -> AccessPolicy:
    given = {
        "keys": cache,
        "loopback": True,
        "proxied": False,
        "origins": (),
        "limits": RateLimits(),
        "rate": parse("3/hour"),
        "docs": False,
        "page": False,
    }
    return AccessPolicy(**(given | more))


def _ask(policy: AccessPolicy, path: str = PATH, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(RequestTracking(Admission(_name, policy), Metrics()))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def test_without_a_key_this_machine_alone_may_ask(key_cache: KeyCache) -> None:
    assert _ask(_policy(key_cache)).text == "anybody on this machine"
    for other in ({"loopback": False}, {"proxied": True}):
        assert _ask(_policy(key_cache, **other)).status_code == 401
    forwarded = _ask(_policy(key_cache), **{"X-Forwarded-For": "203.0.113.9"})
    assert forwarded.status_code == 401
    assert "engine keys create" in forwarded.json()["detail"]
    assert forwarded.headers["www-authenticate"].startswith("Bearer")


def test_a_key_opens_and_says_whose_it_is(settings: Settings, key_cache: KeyCache) -> None:
    made = keys.create(settings, "shop", ["read"])
    key_cache.refresh()
    policy = _policy(key_cache, rate=parse("9/hour"))
    bearer = {"Authorization": f"bearer {made.text}"}
    assert _ask(policy, **bearer).text == "shop"
    # A key is a key, whatever a proxy adds.
    assert _ask(policy, **bearer, Forwarded="for=x", Host="shop.example").text == "shop"
    for wrong in ({}, {"Authorization": made.text}, {"Authorization": f"Bearer {made.text}x"}):
        assert _ask(policy, **wrong).status_code == 401


def test_one_request_too_many_says_when_to_come_back(key_cache: KeyCache) -> None:
    policy = _policy(key_cache)
    assert [_ask(policy).status_code for _ in range(4)] == [200, 200, 200, 429]
    last = _ask(policy)
    assert "3 per 1 hour" in last.json()["detail"]
    assert 1 <= int(last.headers["retry-after"]) <= 3_600
    assert _ask(policy, "/health/live").text == "public"


def test_a_list_too_many_is_refused_before_it_reaches_its_route(key_cache: KeyCache) -> None:
    def full() -> None:
        raise Problem(503, "all threads are at work")

    policy = _policy(key_cache, check_free=full)
    assert _ask(policy).status_code == 503
    assert _ask(policy, "/v1/items/tea/similar").status_code == 503
    assert _ask(policy, "/v1/lists").status_code == 200
    assert _ask(_policy(key_cache, check_free=full, loopback=False)).status_code == 401


@pytest.mark.parametrize(
    ("docs", "page", "public"),
    [
        (True, True, {"/", "/page/main.js", "/docs", "/docs/start.js", "/openapi.json"}),
        (True, False, {"/docs", "/docs/start.js", "/openapi.json"}),
        (False, True, {"/", "/page/main.js"}),
        (False, False, set()),
    ],
)
def test_what_is_shown_to_everybody(
    key_cache: KeyCache, docs: bool, page: bool, public: set[str]
) -> None:
    policy = _policy(key_cache, loopback=False, docs=docs, page=page)
    paths = ("/", "/page/main.js", "/docs", "/docs/start.js", "/openapi.json", "/docsx", "/metrics")
    assert {path for path in paths if _ask(policy, path).status_code == 200} == public


def test_a_head_with_too_many_fields_is_refused(key_cache: KeyCache) -> None:
    many = {f"X-{n}": "a" for n in range(MAX_FIELDS)}
    assert _ask(_policy(key_cache), **many).status_code == 431


def test_requests_are_counted_and_connections_are_not(key_cache: KeyCache) -> None:
    async def scene() -> None:
        go, entered = asyncio.Event(), 0

        async def waits(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal entered
            if scope["path"] != "/health/live":
                entered += 1
                await go.wait()
            await Response("done")(scope, receive, send)

        app = RequestTracking(
            Admission(waits, _policy(key_cache, rate=parse("9999/hour"))), Metrics()
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            waiting = [asyncio.create_task(client.get(PATH)) for _ in range(MAX_REQUESTS)]
            while entered < MAX_REQUESTS:
                await asyncio.sleep(0)
            answer = await client.get(PATH)
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "1"
            assert str(MAX_REQUESTS) in answer.json()["detail"]
            assert (await client.get("/health/live")).status_code == 200
            go.set()
            assert {one.status_code for one in await asyncio.gather(*waiting)} == {200}
            assert (await client.get(PATH)).status_code == 200

    asyncio.run(scene())
