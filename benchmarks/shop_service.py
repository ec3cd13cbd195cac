"""Gowalla published, with attributes to filter by, and ``engine serve`` as a process of its own."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import neo4j
import psutil

from benchmarks import gowalla
from engine.config import Settings
from engine.store.graph_client import GraphClient
from engine.training import checkpoint
from engine.usecases import keys
from engine.usecases.modelling import publish

SHOWN = "where=kind=a&where=kind=b"
"""Half of the items."""
_KINDS = """
MATCH (item:Item)
CALL (item) { SET item.kind = ['a', 'b', 'c', 'd'][abs(toInteger(item.id)) % 4] }
IN TRANSACTIONS OF 5000 ROWS
"""


def published(
    edges: dict[str, list[str]], home: Path, weights: Sequence[float] = (0.1,)
) -> Settings:
    """Load Gowalla, give every item a kind, publish a generation for each weight of popularity."""
    target = gowalla.target()
    settings = Settings(
        home=home,
        neo4j_uri=target.uri,
        neo4j_user=target.user,
        neo4j_password=target.password,
    )
    with GraphClient(target) as client:
        gowalla.load(client, edges)
    auth = (target.user, target.password)
    with neo4j.GraphDatabase.driver(target.uri, auth=auth) as driver, driver.session() as session:
        session.run(_KINDS).consume()
    trained, path = gowalla.lightgcn(edges), home / "model.pt"
    for weight in weights:
        checkpoint.save(path, replace(trained, popularity_weight=weight))
        began = time.perf_counter()
        publish(settings, path=path)
        gowalla.timed("publish", began)
    return settings


@dataclass(frozen=True)
class Served:
    """A service that runs: where, a key with every scope, and its process."""

    url: str
    key: str
    process: psutil.Process

    def processor_seconds(self) -> float:
        """Return how much processor time the service took so far, all its processes together."""
        times = [one.cpu_times() for one in (self.process, *self.process.children())]
        return sum(one.user + one.system for one in times)


@contextlib.contextmanager
def serving(
    settings: Settings,
    workers: int = 1,
    engine: Sequence[str] = ("-m", "engine"),
    more: Mapping[str, str] | None = None,
) -> Iterator[Served]:
    """Run ``engine serve`` in so many processes.

    Args:
        settings: Which home and graph.
        workers: How many processes.
        engine: What Python is told to run.
        more: Settings of the service, as variables of its environment.
    """
    key = keys.create(settings, "benchmark", ["read", "write", "admin"])
    password = settings.neo4j_password
    environment = os.environ | {
        "ENGINE_HOME": str(settings.home),
        "ENGINE_SERVE_RATE": "100000/second",
    }
    environment.update(more or {})
    if settings.neo4j_uri and password:
        environment["ENGINE_NEO4J_URI"] = settings.neo4j_uri
        environment["ENGINE_NEO4J_PASSWORD"] = password.get_secret_value()
    command = [sys.executable, *engine, "serve", "--port", "0", "--workers", str(workers)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            url = next(line.split()[-1] for line in process.stderr if "Serving at" in line)
            yield Served(url, key.text, psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait()
            keys.revoke(settings, key.key.id)
