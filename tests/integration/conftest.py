"""One real Neo4j for the whole run, emptied before every test that asks for ``graph``.

Where Docker answers it is the official image in a container (testcontainers), otherwise the
engine's own local server. ``ENGINE_TEST_SERVER=docker|local`` chooses; the report says which. In a
container ``ENGINE_TEST_IMAGE`` and ``ENGINE_TEST_PLUGINS`` stand for what docker-compose.yml names.
``ENGINE_TEST_SERVER=bolt://...`` is a server that runs already and may be emptied, for whoever runs
few tests again and again; its user's password is ``ENGINE_TEST_PASSWORD``.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest

from engine.graph.lists import ranked
from engine.store import graph_schema
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.local_server import LocalServer

from .sample import clear
from .tcp_proxy import TcpProxy

_PASSWORD = "integration-tests"
_COMPOSE = (Path(__file__).parents[2] / "docker-compose.yml").read_text(encoding="utf-8")
_COMPOSED = re.findall(r"(?:image: (?=neo4j)|NEO4J_PLUGINS: )'?([^'\n]+)", _COMPOSE)
IMAGE = os.environ.get("ENGINE_TEST_IMAGE", _COMPOSED[0])
PLUGINS = os.environ.get("ENGINE_TEST_PLUGINS", _COMPOSED[1])
# A third of a young server's time is its second compiler's: that takes up what is called five times
# as often as it would by itself. Loops, such as those of vector indexes, as soon as ever.
_JAVA = (
    "-XX:Tier4InvocationThreshold=25000 -XX:Tier4MinInvocationThreshold=5000 "
    "-XX:Tier4CompileThreshold=50000"
)


def _docker_answers() -> bool:
    choice = os.environ.get("ENGINE_TEST_SERVER", "auto")
    if choice != "auto":
        return choice == "docker"
    import docker

    try:
        client = docker.from_env()
        try:
            client.ping()
            client.images.get(IMAGE)
        finally:
            client.close()
    except docker.errors.DockerException:
        return False
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is an integration test."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session")
def neo4j_target(
    tmp_path_factory: pytest.TempPathFactory, report_server: Callable[[str], None]
) -> Iterator[Neo4jTarget]:
    """A real server, started once per run."""
    running = os.environ.get("ENGINE_TEST_SERVER", "")
    if "://" in running:
        report_server(f"integration tests ran on {running}")
        yield Neo4jTarget(running, "neo4j", os.environ["ENGINE_TEST_PASSWORD"], "neo4j")
    elif _docker_answers():
        yield from _in_container(report_server)
    else:
        yield from _local(tmp_path_factory.mktemp("server"), report_server)


def _in_container(report_server: Callable[[str], None]) -> Iterator[Neo4jTarget]:
    # Ryuk's image cannot be had where no registry answers; the `with` below stops the container.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    from testcontainers.community.neo4j import Neo4jContainer

    container = (
        Neo4jContainer(IMAGE, password=_PASSWORD, username="neo4j")
        .with_env("NEO4J_PLUGINS", PLUGINS)
        .with_env("NEO4J_server_memory_heap_max__size", "2g")
        .with_env("JAVA_TOOL_OPTIONS", _JAVA)
    )
    report_server(f"integration tests ran in a container of {IMAGE} (testcontainers)")
    with container:
        yield Neo4jTarget(container.get_connection_url(), "neo4j", _PASSWORD, "neo4j")


def _local(folder: Path, report_server: Callable[[str], None]) -> Iterator[Neo4jTarget]:
    report_server("integration tests ran on the engine's own local Neo4j (no Docker image at hand)")
    server = LocalServer(folder)
    with pytest.MonkeyPatch.context() as patch:
        # It builds vector indexes and plans hundreds of statements: unlike others, it lives long
        # enough for both compilers.
        patch.setenv("JAVA_TOOL_OPTIONS", _JAVA)
        target = server.start()
    try:
        yield target
    finally:
        server.stop()


@pytest.fixture(scope="session", autouse=True)
def _planned_when_asked() -> Iterator[None]:
    """Have no plan made ahead: it takes a second of each publish, and few tests ask for a list."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranked, "warm_plan", lambda client, generation: None)
        yield


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Generations whose plans were asked for ahead, as they are."""
    numbers: list[int] = []
    monkeypatch.setattr(ranked, "warm_plan", lambda client, generation: numbers.append(generation))
    return numbers


@pytest.fixture(scope="session")
def _client(neo4j_target: Neo4jTarget) -> Iterator[GraphClient]:
    with GraphClient(neo4j_target) as client:
        yield client


@pytest.fixture(scope="session")
def bare_driver(neo4j_target: Neo4jTarget) -> Iterator[neo4j.Driver]:
    """The official driver, with none of our code on top."""
    auth = (neo4j_target.user, neo4j_target.password)
    with neo4j.GraphDatabase.driver(neo4j_target.uri, auth=auth) as driver:
        yield driver


def _empty(client: GraphClient, driver: neo4j.Driver) -> GraphClient:
    clear(driver)
    graph_schema.apply(client, wait_seconds=30.0)
    return client


@pytest.fixture
def graph(_client: GraphClient, bare_driver: neo4j.Driver) -> GraphClient:
    """An empty graph with its schema."""
    return _empty(_client, bare_driver)


@pytest.fixture(scope="module")
def graph_of_file(_client: GraphClient, bare_driver: neo4j.Driver) -> GraphClient:
    """An empty graph with its schema, once for a file, whose tests undo what they change.

    After every change of an index Neo4j plans each statement anew, up to two seconds for a long
    one: tests that ask much of one graph share it.
    """
    return _empty(_client, bare_driver)


@pytest.fixture(autouse=True)
def _plugin(request: pytest.FixtureRequest) -> None:
    """Where the server has no Graph Data Science there is nothing to test about it."""
    if request.node.get_closest_marker("gds") is None:
        return
    graph: GraphClient = request.getfixturevalue("graph")
    if graph.server.gds is None:
        pytest.skip("this server has no Graph Data Science")


@pytest.fixture(scope="session")
def bare_run(bare_driver: neo4j.Driver) -> Callable[..., list[dict[str, Any]]]:
    """Run raw Cypher by the official driver, on whatever is in the graph."""

    def run(text: str, **params: Any) -> list[dict[str, Any]]:
        with bare_driver.session() as session:
            return session.run(text, params).data()  # type: ignore[arg-type]

    return run


def _until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for a condition; fail when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)  # what it asks costs the processor that the answer waits for


@pytest.fixture(scope="session", name="until")
def until_fixture() -> Callable[..., None]:
    """Wait for a condition; see ``_until``."""
    return _until


@pytest.fixture
def tcp_proxy(neo4j_target: Neo4jTarget) -> Iterator[TcpProxy]:
    """A way to the server that can hang or break."""
    made = TcpProxy(neo4j_target)
    yield made
    made.close()


@pytest.fixture
def run(
    graph: GraphClient, bare_run: Callable[..., list[dict[str, Any]]]
) -> Callable[..., list[dict[str, Any]]]:
    """Run raw Cypher on the empty graph by the official driver."""
    assert graph.server.version
    return bare_run


@pytest.fixture
def on_server(neo4j_target: Neo4jTarget, monkeypatch: pytest.MonkeyPatch) -> Neo4jTarget:
    """Point the command line at the test server through the environment."""
    monkeypatch.setenv("ENGINE_NEO4J_URI", neo4j_target.uri)
    monkeypatch.setenv("ENGINE_NEO4J_USER", neo4j_target.user)
    monkeypatch.setenv("ENGINE_NEO4J_PASSWORD", neo4j_target.password)
    return neo4j_target
