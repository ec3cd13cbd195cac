"""The graph and the file it was loaded from are one data set to ``engine compare``."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.config import load
from engine.evaluation.baselines import ALWAYS
from engine.evaluation.protocols import NextBasket
from engine.loading.ingest import ingest_files
from engine.loading.load import IngestRequest
from engine.usecases.comparing import CompareRequest, compare

_SMALL = {"epochs": "1", "dimension": "4", "batch_size": "512"}


@pytest.mark.usefixtures("graph", "on_server")
def test_what_was_finished_on_the_file_is_found_again_on_the_graph(tmp_path: Path) -> None:
    path, draw = tmp_path / "events.csv", np.random.default_rng(5)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["user_id", "item_id", "timestamp", "event", "rating", "basket_id"])
        for moment in range(600):
            user, kind = int(draw.integers(30)), ("view", "buy")[moment % 2]
            item = 2 * int(draw.zipf(1.5) % 15) + user % 2
            stars = int(draw.integers(1, 6))
            at, basket = 1_700_000_000 + 600 * moment, f"b{moment // 90}" if moment % 3 else ""
            out.writerow([f"u{user}", f"i{item}", at, kind, stars, basket])
    settings = load()
    request = CompareRequest(("bpr-mf",), _SMALL, data=path)
    ingest_files(settings, IngestRequest(events=path))

    of_file = compare(settings, request)
    of_graph = compare(settings, replace(request, data=None))

    assert of_file.found == []
    assert of_graph.found == ["bpr-mf", *ALWAYS, "no-vectors"]
    assert of_graph.rows == of_file.rows
    assert of_graph.data == of_file.data | {"source": "graph"}

    # Their baskets too, though the file and the graph number them otherwise.
    baskets = replace(request, models=(), settings={}, protocol=NextBasket(1, 2))
    of_file = compare(settings, baskets)
    of_graph = compare(settings, replace(baskets, data=None))
    assert of_graph.found == [*ALWAYS, "no-vectors"]
    assert of_graph.rows == of_file.rows
    assert any("200 of 600 events name no basket" in remark for remark in of_graph.remarks)
