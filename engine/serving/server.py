"""Run the service under uvicorn until a signal ends it, in this process or in several."""

import ipaddress
import logging
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn

from engine import logs, tracing
from engine.config import Settings
from engine.connections.session import open_registry
from engine.errors import ConfigError, UsageError
from engine.serving import prometheus_metrics
from engine.serving.app import build, check_rates
from engine.serving.service import client_limits, open_service
from engine.serving.strict_http import StrictHttp
from engine.serving.worker_processes import WorkerProcesses
from engine.usecases.naming_lists import check_file

_LOG = logging.getLogger(__name__)
_BACKLOG = 512
_WRITERS_TOO = 8
_DRAIN_SECONDS = 6
"""In which requests that were begun are answered after a signal."""
_END_SECONDS = 9.5
"""After which the process ends, whatever waits for a database that does not answer."""
_RESERVED_FILES = _BACKLOG + 256
"""Of the files a process may open: what is accepted in one go, the databases, logs, libraries."""


class Server(uvicorn.Server):
    """Ends in ten seconds after a signal, though a thread may wait for a frozen server."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        if not self.should_exit:
            deadline = threading.Timer(_END_SECONDS, _end_now, (128 + sig,))
            deadline.daemon = True
            deadline.start()
        super().handle_exit(sig, frame)


def _end_now(exit_code: int) -> None:
    left = ", ".join(sorted(one.name for one in threading.enumerate() if not one.daemon))
    _LOG.warning("not everything ended in %s seconds: %s", _END_SECONDS, left)
    os._exit(exit_code)


def run(settings: Settings, started: Callable[[str, bool], None]) -> None:
    """Serve until SIGINT or SIGTERM; requests that were begun are answered first.

    Args:
        settings: Where to listen, in how many processes, and everything else.
        started: Called once the port is bound, with the URL and whether no key was ever made.

    Raises:
        UsageError: Other machines could reach it and there is no key.
        ConfigError: The port is taken, or a rate is malformed.
        RegistryError: The registry cannot be opened, or has lost its keys.
    """
    check_file(settings)
    check_rates(settings)
    with open_registry(settings) as registry:
        keyless = not registry.keys.any()
    if keyless:
        _check_keyless(settings)
    with bound(settings) as listening:
        host, port = listening.getsockname()[:2]
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        if settings.serve_workers == 1:
            _serve(settings, listening, lambda: started(url, keyless))
            return
        started(url, keyless)
        work = settings.serve_workers, _serve_as_worker, (settings, listening)
        with prometheus_metrics.shared_by_processes() as ended:
            WorkerProcesses(*work, ended=ended).run()


def _serve(
    settings: Settings, listening: socket.socket, ready: Callable[[], None] = lambda: None
) -> None:
    """Answer in this process until a signal; tell when it is about to begin."""
    loopback = is_loopback(settings.serve_host)
    docs = loopback if settings.serve_docs is None else settings.serve_docs
    page = loopback if settings.serve_page is None else settings.serve_page
    connections = settings.serve_concurrency + _WRITERS_TOO
    with open_service(settings, client_limits(settings.serve_seconds, connections)) as service:
        app = build(service, loopback=loopback, docs=docs, page=page)
        ready()
        # uvicorn raises the signal again once it has ended; what follows is closed first.
        signal.signal(signal.SIGTERM, lambda *_: None)
        Server(config_of(settings, app)).run(sockets=[listening])


def _serve_as_worker(settings: Settings, listening: socket.socket) -> None:
    """Answer in a process of its own, which begins as a command does."""
    logs.configure(settings.log_level, settings.log_format)
    logs.scrub_tracebacks()
    # Ctrl-C reaches every process of a terminal; the parent says what is to be said of it.
    signal.signal(signal.SIGINT, lambda *_: None)
    with tracing.exporting():
        _serve(settings, listening)


def _check_keyless(settings: Settings) -> None:
    if not is_loopback(settings.serve_host):
        raise UsageError(
            f"no key was made, and {settings.serve_host} can be reached from other machines",
            hint="engine keys create NAME --scope read, or --host 127.0.0.1",
        )
    if settings.serve_proxies:
        raise UsageError(
            "no key was made, and serve_proxies names a proxy, which lets other machines in",
            hint="engine keys create NAME --scope read",
        )


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
        backlog=_BACKLOG,
        limit_concurrency=connection_limit(settings.serve_connections),
        timeout_keep_alive=5,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )


def connection_limit(asked: int) -> int:
    """Return how many connections may be open: those asked for, as far as files may be opened.

    The process's own limit is raised for them where the system lets it be.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    needed = asked + _RESERVED_FILES
    if soft != unlimited and soft < needed:
        soft = needed if hard == unlimited else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == unlimited or soft >= needed:
        return asked
    held = max(8, soft - _RESERVED_FILES)
    _LOG.warning(
        "%d connections are held at most, not serve_connections = %d, as the process may open "
        "%d files: raise it with ulimit -n or LimitNOFILE",
        held,
        asked,
        soft,
    )
    return held


def bound(settings: Settings) -> socket.socket:
    """Bind now: a port in use is reported before anything else."""
    listening: socket.socket | None = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.serve_host, settings.serve_port, type=socket.SOCK_STREAM
        )[0]
        # asyncio sends small pieces at once only where the protocol is named: an answer is two,
        # and the second would wait 40 ms for the client's acknowledgement of the first.
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)  # who comes before uvicorn does has to wait, and is not refused
    except OSError as error:
        if listening is not None:
            listening.close()
        raise ConfigError(
            f"cannot listen at {settings.serve_host}:{settings.serve_port}: {error.strerror}",
            hint="choose another: engine serve --port 8001",
        ) from error
    return listening
