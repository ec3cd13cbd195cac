"""Who may ask what: every route has a right, and only a live key that has it opens it."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import BaseRoute

from engine.errors import UsageError
from engine.serving import app
from engine.usecases import keys

# Every route there is. A new one fails the first test until it stands here with its right.
ROUTES = {
    ("GET", "/v1/users"): "read",
    ("GET", "/v1/users/{user}/history"): "read",
    ("GET", "/v1/users/{user}/recommendations"): "read",
    ("GET", "/v1/items/{item}/similar"): "read",
    ("GET", "/v1/lists"): "read",
    ("POST", "/v1/baskets/recommendations"): "read",
    ("POST", "/v1/recommendations"): "read",
    ("POST", "/v1/users/recommendations"): "read",
    ("GET", "/v1/lists/{name}"): "read",
    ("GET", "/v1/users/{user}/explanations/{item}"): "read",
    ("POST", "/v1/events"): "write",
    ("POST", "/v1/impressions"): "write",
    ("GET", "/v1/outcomes"): "read",
    ("GET", "/v1/items"): "read",
    ("POST", "/v1/items"): "write",
    ("GET", "/v1/items/{item}"): "read",
    ("PUT", "/v1/items/{item}"): "write",
    ("PATCH", "/v1/items/{item}"): "write",
    ("POST", "/v1/users"): "write",
    ("GET", "/v1/users/{user}"): "read",
    ("PUT", "/v1/users/{user}"): "write",
    ("PATCH", "/v1/users/{user}"): "write",
    ("GET", "/v1/users/{user}/dislikes"): "read",
    ("POST", "/v1/users/{user}/dislikes"): "write",
    ("DELETE", "/v1/users/{user}/dislikes"): "write",
    ("POST", "/v1/users/{user}/merge"): "write",
    ("DELETE", "/v1/users/{user}"): "admin",
    ("DELETE", "/v1/items/{item}"): "admin",
    ("GET", "/v1/experiments"): "read",
    ("GET", "/v1/experiments/{name}/report"): "read",
    ("GET", "/v1/generations"): "read",
    ("POST", "/v1/generations/{number}/promote"): "admin",
    ("POST", "/v1/generations/rollback"): "admin",
    ("GET", "/v1/status"): "read",
    ("GET", "/v1/nights"): "read",
    ("GET", "/metrics"): "read",
    ("GET", "/health/live"): None,
    ("GET", "/health/ready"): None,
    ("GET", "/"): None,
    ("GET", "/page/{name}"): None,
    ("GET", "/docs"): None,
    ("GET", "/docs/{name}"): None,
    ("GET", "/openapi.json"): None,
}
GUARDED = [(*route, right) for route, right in ROUTES.items() if right is not None]


def _every(routes: list[BaseRoute]) -> set[tuple[str, str]]:
    found = set()
    for route in routes:
        inner = getattr(route, "routes", None) or getattr(
            getattr(route, "original_router", None), "routes", None
        )
        if inner:
            found |= _every(list(inner))
        else:
            methods = getattr(route, "methods", None) or set()
            found |= {(method, route.path) for method in methods - {"HEAD"}}  # type: ignore[attr-defined]
    return found


def ask(client: httpx.Client, method: str, path: str) -> httpx.Response:
    """Call a route with what it needs, and nothing that changes anything."""
    filled = re.sub(r"{number}", "999", re.sub(r"{(user|item|name)}", "x1", path))
    body = {"POST": {}, "PUT": {"no": 1}, "PATCH": {}}.get(method)
    return client.request(method, filled, json=body)


def test_the_inventory_is_complete() -> None:
    assert _every(list(app.routes(docs=True, page=True).routes)) == set(ROUTES)


@pytest.mark.parametrize(("method", "path", "right"), GUARDED)
def test_no_key_and_wrong_keys_open_nothing(
    running: Any, method: str, path: str, right: str
) -> None:
    with running.client() as client:
        answer = ask(client, method, path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    for scope in ("read", "write", "admin"):
        with running.client(scope) as client:
            status = ask(client, method, path).status_code
        assert (status == 403) == (scope != right), (scope, status)
        assert status < 500


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer engine_000000000000_" + "A" * 43},
        {"Authorization": "Bearer ' OR 1=1 --"},
        {"Authorization": "Bearer " + "x" * 10_000},
        {"Authorization": "Basic YWRtaW46YWRtaW4="},
        {"X-API-Key": "engine"},
        {"Cookie": "key=engine"},
    ],
)
def test_what_is_no_key(running: Any, headers: dict[str, str]) -> None:
    with running.client() as client:
        answer = client.get("/v1/users/u1/recommendations", headers=headers)
    assert answer.status_code == 401


def test_a_key_in_the_query_or_twice_or_changed(running: Any) -> None:
    key = running.keys["read"]
    path = "/v1/users/u1/recommendations"
    with running.client() as client:
        assert client.get(path, params={"api_key": key}).status_code == 401
        twice = [("Authorization", f"Bearer {key}"), ("Authorization", f"Bearer {key}")]
        assert client.get(path, headers=twice).status_code == 401
        for wrong in (
            key[:-1],
            key + "A",
            key.upper(),
            key[:-1] + ("A" if key[-1] != "A" else "B"),
        ):
            answer = client.get(path, headers={"Authorization": f"Bearer {wrong}"})
            assert answer.status_code == 401
        assert key not in client.get(path, params={"api_key": key}).text


def test_a_head_of_100_kilobytes(running: Any) -> None:
    with running.client() as client:
        try:
            answer = client.get(
                "/health/live", headers={"Authorization": "Bearer " + "x" * 100_000}
            )
        except httpx.TransportError:
            return
    assert answer.status_code in (400, 431)


def test_two_keys_live_while_one_replaces_the_other(running: Any, until: Any) -> None:
    settings = running.settings
    old, new = (keys.create(settings, "rotated", ["read"]) for _ in range(2))
    with pytest.raises(UsageError, match="2 live keys"):
        keys.create(settings, "rotated", ["read"])

    def status(text: str) -> int:
        with running.client() as client:
            return client.get(
                "/v1/generations", headers={"Authorization": f"Bearer {text}"}
            ).status_code

    until(lambda: status(old.text) == status(new.text) == 200)
    keys.revoke(settings, old.key.id)
    until(lambda: status(old.text) == 401)
    assert status(new.text) == 200
    keys.create(settings, "rotated", ["read"])


def test_an_expired_key_is_none(running: Any, until: Any) -> None:
    made = keys.create(running.settings, "short-lived", ["read"], days=1)
    ring = running.service.keys
    until(lambda: ring.find(made.text) is not None)
    expired = made.key.expires_at
    assert expired is not None
    assert made.key.live(expired) is False


def test_no_secret_is_kept(running: Any) -> None:
    home = running.settings.home
    files = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert files
    for key in running.keys.values():
        secret = key.split("_", 2)[2].encode()  # which may hold more of them
        assert not any(secret in content for content in files)
    assert (home / "registry.sqlite").stat().st_mode & 0o077 == 0


def test_only_pages_that_were_named_may_read(settings: Any, serving: Any, tmp_path: Path) -> None:
    named = settings.model_copy(
        update={"home": tmp_path / "cors", "serve_origins": ("https://shop.example",)}
    )
    asks = {
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "Authorization",
    }
    with serving(named) as one, one.client("read") as client:
        for origin, allowed in (("https://shop.example", True), ("https://evil.example", False)):
            before = client.options("/v1/generations", headers=asks | {"Origin": origin})
            answer = client.get("/v1/generations", headers={"Origin": origin})
            for told in (before, answer):
                header = told.headers.get("access-control-allow-origin")
                assert (header == origin) == allowed
