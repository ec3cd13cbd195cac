"""The notebook of the documentation runs from its first cell to its last."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from engine.store.graph_client import GraphClient, Neo4jTarget

TOUR = Path(__file__).parents[3] / "docs" / "tour.ipynb"


def test_the_tour_runs(
    graph: GraphClient, on_server: Neo4jTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert graph.server.version
    assert on_server.uri
    monkeypatch.setenv("ENGINE_HOME", str(tmp_path / "home"))
    page = nbformat.read(TOUR, as_version=4)
    NotebookClient(page, timeout=300, kernel_name="python3").execute(cwd=tmp_path)
    shown = [
        output.data
        for cell in page.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "execute_result"
    ]
    assert sum("text/html" in data for data in shown) >= 7
    assert all(cell.get("execution_count") for cell in page.cells if cell.cell_type == "code")


def test_the_tour_is_kept_without_what_it_printed() -> None:
    page = nbformat.read(TOUR, as_version=4)
    nbformat.validate(page)
    assert not any(cell.get("outputs") for cell in page.cells)
