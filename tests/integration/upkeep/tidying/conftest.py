"""An engine on an empty graph, whose home is filled with what is old."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine
from engine.connections.session import open_registry
from engine.store.graph_client import GraphClient, Neo4jTarget

from ...api.conftest import connected

DAY = 86_400


@pytest.fixture
def e(graph: GraphClient, neo4j_target: Neo4jTarget, tmp_path: Path) -> Iterator[engine.Engine]:
    """An engine on an empty graph, with a home of its own."""
    assert graph.server.version
    with connected(neo4j_target, tmp_path / "tidied") as here:
        with open_registry(here.settings):
            pass
        yield here


def put(home: Path, name: str, days: float) -> Path:
    """Make a file that was last written so many days ago."""
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x" * 1_000, encoding="utf-8")
    then = time.time() - days * DAY
    for one in (path, path.parent):
        os.utime(one, (then, then))
    return path


def subjects(e: engine.Engine, *, dry_run: bool) -> set[str]:
    """Return what goes, or would go."""
    return {row["subject"] for row in e.tidy(dry_run=dry_run).to_dicts()}
