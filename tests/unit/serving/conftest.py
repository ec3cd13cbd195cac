"""A whole service whose Neo4j cannot be reached: what it answers, and what it refuses."""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from engine.config import Settings
from engine.data.api_key import SCOPES
from engine.serving.app import build
from engine.serving.service import Service, client_limits, open_service
from engine.usecases import keys


class Client:
    """Asks an application in this process, each request in a loop of its own."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app, self._headers = app, {"Authorization": f"Bearer {key}"}

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Return the answer to one request."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            headers = self._headers | more.pop("headers", {})
            async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
                return await client.request(method, path, headers=headers, **more)

        return asyncio.run(ask())

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Return the answer to a GET."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """Return the answer to a POST."""
        return self.request("POST", path, **more)


@dataclass
class Unreachable:
    """A service on a port where no Neo4j listens.

    Attributes:
        client: With a key of every scope.
    """

    service: Service
    client: Client


@pytest.fixture(scope="session")
def unreachable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unreachable]:
    """One service for all tests that only ask it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(
        home=tmp_path_factory.mktemp("unreachable"),
        neo4j_uri=f"bolt://127.0.0.1:{port}",
        neo4j_password="none",
        serve_seconds=20.0,  # nothing waits so long; on a busy machine an answer may take a while
        serve_user_events="100/hour",
    )
    key = keys.create(settings, "tests", list(SCOPES)).text
    with open_service(settings, client_limits(settings.serve_seconds, 4)) as service:
        app = build(service, loopback=True, docs=True, page=True)
        yield Unreachable(service, Client(app, key))
