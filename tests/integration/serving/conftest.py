"""A service on loopback under a real uvicorn, beside a real Neo4j, and a shop to ask it about."""

import contextlib
import csv
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import neo4j
import numpy as np
import pytest
import uvicorn

import engine
from engine.api import Engine
from engine.config import Settings
from engine.connections.session import open_graph
from engine.nights.retrain_request import NightSummary, RetrainRequest
from engine.nights.waiting import FolderRequest
from engine.serving import server
from engine.serving.app import build
from engine.serving.service import Service, client_limits, open_service
from engine.store.graph_client import Neo4jTarget
from engine.training import checkpoint
from engine.usecases import keys
from engine.usecases.modelling import publish
from engine.usecases.retraining import retrain

from ..restoring import Content
from ..sample import buy, clear, untrained

N_USERS, N_ITEMS = 30, 120
SCOPES = ("read", "write", "admin")


@dataclass(frozen=True)
class Running:
    """A service that answers.

    Attributes:
        keys: Scope to a key of that scope alone; empty where no key was made.
    """

    url: str
    service: Service
    settings: Settings
    keys: dict[str, str]

    @property
    def address(self) -> tuple[str, int]:
        url = httpx.URL(self.url)
        return url.host, url.port or 80

    def client(self, *scopes: str, timeout: float = 120.0) -> httpx.Client:
        """Return a client; with a scope it sends that key."""
        headers = {"Authorization": f"Bearer {self.keys[scopes[0]]}"} if scopes else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=timeout)


@contextlib.contextmanager
def _serving(
    settings: Settings, *, with_keys: bool = True, docs: bool = True, page: bool = True
) -> Iterator[Running]:
    """Run a service in a thread until the block ends."""
    made = {}
    if with_keys:
        made = {scope: keys.create(settings, scope, [scope]).text for scope in SCOPES}
    with open_service(settings, client_limits(settings.serve_seconds, 24)) as service:
        app = build(service, loopback=True, docs=docs, page=page)
        with server.bound(settings) as listening:
            host, port = listening.getsockname()[:2]
            uvicorn_server = uvicorn.Server(server.config_of(settings, app))
            thread = threading.Thread(target=uvicorn_server.run, kwargs={"sockets": [listening]})
            thread.start()
            try:
                yield Running(f"http://{host}:{port}", service, settings, made)
            finally:
                uvicorn_server.should_exit = True
                thread.join()


def settings_for(target: Neo4jTarget, home: Path, **more: Any) -> Settings:
    return Settings(
        home=home,
        neo4j_uri=target.uri,
        neo4j_user=target.user,
        neo4j_password=target.password,
        serve_port=0,
        # Tests measure no time: on a busy machine an answer may take a while.
        **{"serve_seconds": 20.0} | more,
    )


def fill(driver: neo4j.Driver) -> None:
    """Create users u0.. with events on the first items, items i0.. of two kinds, and facts."""
    with driver.session() as session:
        session.run(
            "UNWIND range(0, $items - 1) AS n CREATE (i:Item {id: 'i' + toString(n), "
            "name: 'Item ' + toString(n), kind: CASE n % 2 WHEN 0 THEN 'tea' ELSE 'coffee' END, "
            "tags: ['all', 'mod' + toString(n % 3)]}) "
            "MERGE (e:Entity:Brand {key: 'Brand:' + toString(n % 5), id: toString(n % 5)}) "
            "CREATE (i)-[:MADE_BY {key: n, batch: 1}]->(e)",
            items=N_ITEMS,
        ).consume()
    buy(driver, N_USERS)


def publish_model(settings: Settings, folder: Path, seed: int) -> None:
    path = folder / f"model-{seed}.pt"
    checkpoint.save(path, untrained(N_USERS, N_ITEMS, seed))
    publish(settings, path=path)


@dataclass
class _Made:
    """The shop as it was published: what its graph held, and a copy of its home."""

    content: Content | None = None
    home: Path = Path()


@pytest.fixture(scope="session")
def _made() -> _Made:
    return _Made()


@pytest.fixture(scope="module")
def settings(
    neo4j_target: Neo4jTarget,
    bare_driver: neo4j.Driver,
    tmp_path_factory: pytest.TempPathFactory,
    _made: _Made,
) -> Iterator[Settings]:
    """A shop with one generation in service; for a whole file, which may publish more.

    The next file finds the graph as it was: publishing again, Neo4j would plan every list anew.
    """
    folder = tmp_path_factory.mktemp("shop")
    made = settings_for(neo4j_target, folder / "home")
    with bare_driver.session() as session:
        if _made.content is None or not _made.content.is_in(session):
            clear(bare_driver)
            with open_graph(made):  # the schema first: constraints make the nodes findable
                fill(bare_driver)
            publish_model(made, folder, 3)
            _made.content = Content.of(session)
            _made.home = Path(shutil.copytree(made.home, folder / "copy"))
        else:
            shutil.copytree(_made.home, made.home)
        yield made
        _made.content.restore(session)


@pytest.fixture(scope="module")
def running(settings: Settings) -> Iterator[Running]:
    """The service of that shop, with a key for each scope."""
    with _serving(settings) as one:
        yield one


@dataclass(frozen=True)
class Nights:
    """A shop that was retrained: the first night, one with a broken file, one more."""

    settings: Settings
    summaries: tuple[NightSummary, ...]


@pytest.fixture(scope="module")
def nights(neo4j_target: Neo4jTarget, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Three real nights of ``engine retrain``; for a whole file."""
    folder = tmp_path_factory.mktemp("nights")
    waiting = folder / "waiting"
    waiting.mkdir()
    made = settings_for(neo4j_target, folder / "home")
    _empty(neo4j_target)
    request = RetrainRequest(
        settings={"epochs": "3", "dimension": "16"}, waiting=FolderRequest(waiting), ranker=False
    )
    summaries = []
    for first, last, item in ((0, 40, "item_id"), (40, 41, "amount"), (40, 41, "item_id")):
        with (waiting / "events.csv").open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["user_id", item, "timestamp"])
            out.writerows(_tastes(first, last))
        summaries.append(retrain(made, request))
    return Nights(made, tuple(summaries))


def _tastes(first: int, last: int) -> Iterator[tuple[str, str, int]]:
    """Yield days of events: every user keeps to items of the same parity."""
    rng = np.random.default_rng(first)
    for day in range(first, last):
        for n in range(80):
            user = int(rng.integers(120))
            item = 2 * int(min(rng.zipf(1.3) - 1, 59)) + user % 2
            yield f"u{user}", f"i{item}", 1_700_000_000 + 86_400 * day + 60 * n


def _empty(target: Neo4jTarget) -> None:
    auth = (target.user, target.password)
    with neo4j.GraphDatabase.driver(target.uri, auth=auth) as driver:
        clear(driver)


@pytest.fixture(scope="module", name="serving")
def serving_fixture() -> Callable[..., contextlib.AbstractContextManager[Running]]:
    """Run a service of other settings; see ``_serving``."""
    return _serving


@pytest.fixture(scope="module", name="publish_model")
def publish_model_fixture() -> Callable[..., None]:
    """Publish a model of a seed; see ``publish_model``."""
    return publish_model


@pytest.fixture
def bare(bare_driver: neo4j.Driver) -> Callable[[str], None]:
    """Run raw Cypher by the official driver."""

    def bare(text: str) -> None:
        with bare_driver.session() as session:
            session.run(text).consume()  # type: ignore[arg-type]

    return bare


@pytest.fixture(scope="module", name="fill")
def fill_fixture() -> Callable[[neo4j.Driver], None]:
    """Create the shop's nodes; see ``fill``."""
    return fill


@pytest.fixture
def library(shop: Any) -> Iterator[Engine]:
    """The library on the stores of a module's own service, its ``shop``."""
    settings = shop.settings
    uri, user, password = settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password
    with engine.connect(uri, user=user, password=password, home=settings.home, progress=False) as e:
        yield e
