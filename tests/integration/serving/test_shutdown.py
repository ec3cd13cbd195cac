"""SIGTERM while Neo4j is frozen: requests that were begun are answered, and the process ends."""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.store.graph_client import Neo4jTarget
from engine.usecases import keys


class Freezable:
    """A TCP proxy that can stop passing bytes on, as a server does that is stopped (SIGSTOP)."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._frozen, self._ended = threading.Event(), threading.Event()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._pass_on)
        self._thread.start()
        self.port = self._listening.getsockname()[1]

    def freeze(self) -> None:
        """Accept connections and bytes from now on, and say nothing."""
        self._frozen.set()

    def close(self) -> None:
        """End every connection."""
        self._ended.set()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def _pass_on(self) -> None:
        while not self._ended.is_set():
            for key, _ in self._selector.select(0.05):
                if self._frozen.is_set() or key.fileobj.fileno() < 0:  # type: ignore[union-attr]
                    continue  # the other end of a connection that was closed a moment ago
                if key.fileobj is self._listening:
                    near, far = self._listening.accept()[0], socket.create_connection(self._target)
                    self._selector.register(near, selectors.EVENT_READ, far)
                    self._selector.register(far, selectors.EVENT_READ, near)
                    continue
                with contextlib.suppress(OSError):
                    if data := key.fileobj.recv(65_536):  # type: ignore[union-attr]
                        key.data.sendall(data)
                        continue
                for end in (key.fileobj, key.data):
                    self._selector.unregister(end)
                    end.close()  # type: ignore[union-attr]


@pytest.fixture
def proxy(neo4j_target: Neo4jTarget) -> Iterator[Freezable]:
    url = httpx.URL(neo4j_target.uri)
    made = Freezable((url.host, url.port or 7687))
    yield made
    made.close()


def test_it_ends_while_the_database_is_frozen(
    settings: Any, proxy: Freezable, until: Any, tmp_path: Path
) -> None:
    home = tmp_path / "frozen"
    here = settings.model_copy(update={"home": home})
    made = {scope: keys.create(here, scope, [scope]).text for scope in ("read", "write")}
    environment = os.environ | {
        "ENGINE_HOME": str(home),
        "ENGINE_SERVE_SECONDS": "4",
        "ENGINE_NEO4J_URI": f"bolt://127.0.0.1:{proxy.port}",
        "ENGINE_NEO4J_USER": settings.neo4j_user,
        "ENGINE_NEO4J_PASSWORD": settings.neo4j_password.get_secret_value(),
    }
    command = [sys.executable, "-m", "engine", "serve", "--port", "0"]
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process,
        contextlib.ExitStack() as failed,
    ):
        failed.callback(process.kill)
        assert process.stderr is not None
        url = next(line for line in process.stderr if line.startswith("Serving at")).split()[-1]

        def ask(n: int) -> int:
            scope = "write" if n % 2 else "read"
            headers = {"Authorization": f"Bearer {made[scope]}"}
            with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
                if scope == "read":
                    return client.get(f"/v1/users/u{n}/recommendations").status_code
                event = {"user_id": f"u{n}", "item_id": "i1", "timestamp": 1_770_000_000 + n}
                return client.post("/v1/events", json={"events": [event]}).status_code

        until(lambda: {ask(0), ask(1)} == {200})
        proxy.freeze()
        with ThreadPoolExecutor(6) as pool:
            asked = [pool.submit(ask, n) for n in range(6)]
            # A list is answered from memory once the frozen server was waited for: all are begun.
            assert asked[0].result() == 200
            process.send_signal(signal.SIGTERM)
            rest = process.stderr.read()
            failed.pop_all()
            assert {one.result() for one in asked} <= {200, 503}
    # Not by the deadline, which would be 128 and the signal: every part was closed in time.
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
