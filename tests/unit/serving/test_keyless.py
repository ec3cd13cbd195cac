"""Without a key: what a proxy passed on, or a page of another site asks, is refused."""

import pytest
from starlette.datastructures import Headers

from engine.serving.keyless import check_keyless
from engine.serving.problems import Problem

SHOP = "https://shop.example"


def _check(http_version: str = "1.1", **headers: str) -> None:
    given = {"host": "127.0.0.1:8000"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    check_keyless(Headers(given), http_version, [SHOP])


@pytest.mark.parametrize(
    "name",
    [
        *("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"),
        *("X-Forwarded-Port", "X-Forwarded-Server", "X-Real-IP", "X-Client-IP", "True-Client-IP"),
        *("CF-Connecting-IP", "CF-Ray", "CF-Visitor", "Fastly-Client-IP", "X-Cluster-Client-IP"),
        *("X-Original-URL", "X-Original-Forwarded-For", "X-Envoy-External-Address", "CDN-Loop"),
        *("X-Amzn-Trace-Id", "X-Amz-Cf-Id", "X-Azure-ClientIP", "Client-IP", "X-Scheme"),
        *("Fly-Client-IP", "X-Vercel-Forwarded-For", "Tailscale-User-Login", "X-ARR-SSL"),
    ],
)  # fmt: skip
def test_what_a_proxy_adds_asks_for_a_key(name: str) -> None:
    with pytest.raises(Problem, match="engine keys create") as refused:
        _check(**{name: "203.0.113.9"})
    assert refused.value.status == 401
    assert name.lower() in refused.value.detail
    assert "203.0.113.9" not in refused.value.detail


def test_the_version_that_nginx_speaks_asks_for_a_key() -> None:
    with pytest.raises(Problem, match="engine keys create"):
        _check("1.0")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]:8000"])
@pytest.mark.parametrize("origin", [None, "http://localhost:8000", "http://127.0.0.1", SHOP])
def test_a_program_of_this_machine_may_ask(host: str, origin: str | None) -> None:
    _check(host=host, **({} if origin is None else {"origin": origin}))
    _check(host=host, sec_fetch_site="same-origin")


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil", "["]
)
def test_a_name_that_somebody_pointed_here_is_refused(host: str) -> None:
    with pytest.raises(Problem, match="engine keys create") as refused:
        _check(host=host)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "headers",
    [{"origin": "null"}, {"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}],
)
def test_a_page_of_another_site_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Problem, match="serve_origins") as refused:
        _check(**headers)
    assert refused.value.status == 400
