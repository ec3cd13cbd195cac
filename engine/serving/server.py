"""Run the service under uvicorn until a signal ends it."""

import ipaddress
import logging
import socket
from collections.abc import Callable

import uvicorn

from engine.config import Settings
from engine.errors import ConfigError, UsageError
from engine.serving.app import build
from engine.serving.service import Service, open_service, patience_of
from engine.serving.strict_http import StrictHttp

_LOG = logging.getLogger(__name__)
_CONNECTIONS = 1_000
_BACKLOG = 2_048
_WRITERS_TOO = 8


def run(settings: Settings, started: Callable[[str, Service], None]) -> None:
    """Serve until SIGINT or SIGTERM; requests that were begun are answered first.

    Args:
        settings: Where to listen, and everything else.
        started: Called with the URL and the service once the port is bound.

    Raises:
        UsageError: Other machines could reach it and there is no key; or the port is taken.
    """
    loopback = is_loopback(settings.serve_host)
    connections = settings.serve_concurrency + _WRITERS_TOO
    with open_service(settings, patience_of(settings.serve_seconds, connections)) as service:
        if service.keys.empty and not loopback:
            raise UsageError(
                f"without a key only this machine may ask, and {settings.serve_host} is for others",
                hint="engine keys create NAME --scope read, or --host 127.0.0.1",
            )
        docs = loopback if settings.serve_docs is None else settings.serve_docs
        page = loopback if settings.serve_page is None else settings.serve_page
        app = build(service, loopback=loopback, docs=docs, page=page)
        with bound(settings) as listening:
            host, port = listening.getsockname()[:2]
            started(f"http://{f'[{host}]' if ':' in host else host}:{port}", service)
            uvicorn.Server(config_of(settings, app)).run(sockets=[listening])


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def config_of(settings: Settings, app: object) -> uvicorn.Config:
    """Return how uvicorn runs the application."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=StrictHttp,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # ours has no ids of users
        server_header=False,
        proxy_headers=bool(settings.serve_proxies),
        forwarded_allow_ips=list(settings.serve_proxies),
        # The last resort; one more than that gets a bare 503.
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
    )


def bound(settings: Settings) -> socket.socket:
    """Bind now: a port that is taken is told before anything else is said."""
    try:
        found = socket.getaddrinfo(
            settings.serve_host, settings.serve_port, type=socket.SOCK_STREAM
        )
        listening = socket.socket(found[0][0], socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(found[0][4])
        listening.listen(_BACKLOG)  # who comes before uvicorn does has to wait, and is not refused
    except OSError as error:
        raise ConfigError(
            f"cannot listen at {settings.serve_host}:{settings.serve_port}: {error.strerror}",
            hint="choose another: engine serve --port 8001",
        ) from error
    return listening
