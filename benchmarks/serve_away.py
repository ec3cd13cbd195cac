"""Stop, kill and freeze the engine's own Neo4j under load: how long until answers are normal.

Usage, with no ENGINE_* set, as it makes a home and a server of its own:

    python -m benchmarks.serve_away [turns]
"""

import contextlib
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from benchmarks import shop_service
from engine.config import Settings
from engine.connections import database
from engine.connections.session import open_graph, open_registry
from engine.loading.ingest import ingest_files
from engine.loading.load import IngestRequest
from engine.publishing.plain_generation import publish_plain
from engine.store.graph_client import GraphClient
from engine.store.local_server import LocalServer
from engine.usecases.generations import promote

PATH = "/v1/users/u1/recommendations"


class Load:
    """Four clients that ask for ever, and what became of their requests."""

    def __init__(self, url: str, key: str) -> None:
        self.answers: Counter[str] = Counter()
        self.longest = 0.0
        self._url, self._headers = url, {"Authorization": f"Bearer {key}"}
        self._done = threading.Event()

    @contextlib.contextmanager
    def running(self) -> Iterator["Load"]:
        threads = [threading.Thread(target=self._ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._done.set()
            for thread in threads:
                thread.join()

    def _ask(self) -> None:
        with httpx.Client(base_url=self._url, headers=self._headers, timeout=30) as client:
            while not self._done.is_set():
                began = time.perf_counter()
                kind = kind_of(client)
                self.longest = max(self.longest, time.perf_counter() - began)
                self.answers[kind] += 1
                time.sleep(0.02)


def kind_of(client: httpx.Client) -> str:
    answer = client.get(PATH)
    if answer.status_code != 200:
        return str(answer.status_code)
    return "degraded" if answer.json()["degraded"] else "normal"


def until(condition: Callable[[], object]) -> float:
    began = time.perf_counter()
    while not condition():
        time.sleep(0.01)
    return time.perf_counter() - began


def answers(server: LocalServer) -> bool:
    state = server.running()
    if state is None or not state.ready:
        return False
    with contextlib.suppress(Exception), GraphClient(server.target(state)):
        return True
    return False


def measure(settings: Settings, served: shop_service.Served, blow: str) -> None:
    server = database.local_server(settings)
    state = server.running()
    assert state is not None
    load = Load(served.url, served.key)
    headers = {"Authorization": f"Bearer {served.key}"}
    with load.running(), httpx.Client(base_url=served.url, headers=headers, timeout=30) as client:
        if blow == "stop":
            server.stop()
        else:
            os.kill(state.pid, signal.SIGKILL if blow == "kill" else signal.SIGSTOP)
        noticed = until(lambda: kind_of(client) == "degraded")
        time.sleep(5)
        if blow == "freeze":
            os.kill(state.pid, signal.SIGCONT)
        else:
            server.start()
        until(lambda: answers(server))
        back = until(lambda: kind_of(client) == "normal")
    print(
        f"{blow}: first degraded answer after {noticed:.1f} s, normal {back:.1f} s after the "
        f"server's return, longest answer {load.longest:.1f} s, {dict(load.answers)}, "
        f"load average {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(home=home)
        rows = (f"u{n % 50},i{n % 97},{1_750_000_000 + n}" for n in range(2_000))
        events = home / "events.csv"
        events.write_text("user_id,item_id,timestamp\n" + "\n".join(rows) + "\n")
        try:
            ingest_files(settings, IngestRequest(events=events))
            with open_registry(settings) as registry, open_graph(settings) as graph:
                number = publish_plain(graph, registry, "popular")
            promote(settings, number)
            with shop_service.serving(settings) as served:
                for _ in range(turns):
                    for blow in ("stop", "kill", "freeze"):
                        measure(settings, served, blow)
        finally:
            database.local_server(settings).stop()


if __name__ == "__main__":
    main()
