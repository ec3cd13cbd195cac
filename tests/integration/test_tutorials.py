"""The tutorials are followed line by line, each in a fresh folder, on an empty graph."""

from pathlib import Path

import pytest

from engine.store.graph_client import GraphClient, Neo4jTarget

from .. import documented
from .page_reader import Reader

TUTORIALS = sorted((documented.ROOT / "docs" / "tutorials").glob("*.md"))


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: str(page.stem))
def test_a_tutorial_does_what_it_says(
    page: Path,
    graph: GraphClient,
    on_server: Neo4jTarget,
    unused_port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert graph.server.version
    assert on_server.uri
    with Reader(unused_port, monkeypatch) as reader:
        assert reader.follow(page) >= 10
