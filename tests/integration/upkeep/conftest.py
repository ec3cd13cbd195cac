"""A shop that is loaded, trained and published, which the tests of a file break and mend."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import engine
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.upkeep.findings import CheckReport, Finding

from ..api.conftest import connected, items, shop


@pytest.fixture(scope="module")
def e(
    graph_of_file: GraphClient,
    neo4j_target: Neo4jTarget,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[engine.Engine]:
    """An engine with a generation in service."""
    assert graph_of_file.server.version
    with connected(neo4j_target, tmp_path_factory.mktemp("upkeep") / "home") as here:
        here.ingest(shop(), items=items())
        here.publish(here.train("als", dimension=8, ranker=False))
        yield here


@pytest.fixture
def home_of(e: engine.Engine) -> Path:
    """The home of the shop."""
    return e.settings.home


@pytest.fixture
def typed(
    e: engine.Engine, on_server: Neo4jTarget, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Type a remedy: ``engine publish --run 1``."""
    from ..terminal import engine as run

    assert on_server.uri
    monkeypatch.setenv("ENGINE_HOME", str(e.settings.home))

    def type_(line: str) -> None:
        program, *words = line.split()
        assert program == "engine"
        run(*words)

    return type_


def bad(report: CheckReport, name: str) -> list[Finding]:
    """Return what a check found that is not well."""
    return [one for one in report.findings if one.name == name and one.state != "ok"]


def only(report: CheckReport, name: str) -> Finding:
    """Return the one thing that is not well, which is of this check."""
    found = [*report.faults, *report.warnings]
    assert [one.name for one in found] == [name], found
    return found[0]


Run = Callable[..., list[dict[str, Any]]]
