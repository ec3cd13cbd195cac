"""While no key was made: only a program of this machine may ask, and it asks without a proxy.

Whoever reaches a proxy on this machine would be an administrator otherwise, as every request that
it passes on comes from 127.0.0.1.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from engine.serving.problems import Problem

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_MAKE_A_KEY = "make a key with engine keys create NAME --scope read, and send it"
# What proxies, load balancers, tunnels and content networks write into what they pass on.
_FORWARDED_NAMES = frozenset(
    (
        *("forwarded", "via", "max-forwards", "proxy-connection", "cdn-loop", "front-end-https"),
        *("client-ip", "true-client-ip", "incap-client-ip", "wl-proxy-client-ip", "x-varnish"),
        *("x-real-ip", "x-real-port", "x-real-host", "x-client-ip", "x-cluster-client-ip"),
        *("x-originating-ip", "x-remote-ip", "x-remote-addr", "x-proxyuser-ip", "x-host"),
        *("x-scheme", "x-url-scheme", "x-arr-ssl", "x-arr-log-id", "x-sucuri-clientip"),
        *("x-cloud-trace-context", "x-b3-traceid", "x-request-id", "x-correlation-id"),
    )
)
_FORWARDED_PREFIXES = (
    *("x-forward", "x-original-", "x-proxy", "x-envoy-", "x-amzn-", "x-amz-cf-", "x-azure-"),
    *("x-appengine-", "x-goog-iap-", "x-vercel-", "x-nf-", "x-akamai-", "x-fastly-", "x-edge-"),
    *("cf-", "cloudfront-", "fastly-", "fly-", "akamai-", "tailscale-", "x-ngrok-", "ngrok-"),
)


def check_keyless(headers: Headers, http_version: str, origins: Collection[str]) -> None:
    """Refuse what a proxy passed on, and what a page of another site asks (DNS rebinding).

    Args:
        headers: Of the request.
        http_version: Such as ``1.1``; nginx passes requests on as 1.0 unless configured otherwise.
        origins: Of the pages that may ask (CORS).

    Raises:
        Problem: 401 where a proxy is at work, 400 where the name or the page is a foreign one.
    """
    found = next((name for name in headers if _is_forwarded(name)), None)
    if found is not None or http_version == "1.0":
        sign = "HTTP/1.0" if found is None else f"the header {found}"
        raise Problem(
            401,
            f"this request came through a proxy ({sign}), and no key was made: {_MAKE_A_KEY}",
            headers={"WWW-Authenticate": 'Bearer realm="engine"'},
        )
    if _host_of(f"//{headers.get('host', '')}") not in _LOOPBACK_NAMES:
        raise Problem(
            400,
            "the Host is not this machine's, and no key was made: "
            f"ask 127.0.0.1 or localhost, or {_MAKE_A_KEY}",
        )
    origin = headers.get("origin")
    if origin in origins:
        return
    if headers.get("sec-fetch-site") == "cross-site" or (
        origin is not None and _host_of(origin) not in _LOOPBACK_NAMES
    ):
        raise Problem(
            400,
            "a page of another site asks, and no key was made: "
            f"name its origin in serve_origins, or {_MAKE_A_KEY}",
        )


def _is_forwarded(name: str) -> bool:
    return name in _FORWARDED_NAMES or name.startswith(_FORWARDED_PREFIXES)


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # a bracket that is not closed, say
        return ""
