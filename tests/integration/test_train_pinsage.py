"""PinSage from a graph with attributes to a list, by the command line."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from .terminal import engine

_TASTES = 5


@pytest.mark.usefixtures("graph", "on_server")
def test_trained_published_and_recommended(tmp_path: Path, rng: np.random.Generator) -> None:
    events, items = tmp_path / "events.csv", tmp_path / "items.csv"
    with events.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["user_id", "item_id", "timestamp"])
        for moment in range(900):
            user = int(rng.integers(40))
            item = _TASTES * int(rng.integers(8)) + user % _TASTES
            out.writerow([f"u{user}", f"i{item}", 1_700_000_000 + 600 * moment])
    with items.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["item_id", "name", "shelf"])
        for item in range(8 * _TASTES):
            taste = item % _TASTES  # of two tastes all users would lie on one line
            out.writerow([f"i{item}", f"{'tea' if taste == 0 else taste} {item}", taste])
    engine("ingest", str(events), "--items", str(items))
    settings = ("epochs=3", "batch_size=256", "hard_from=3", "hard_to=10", "neighbours=5")
    given = [word for one in settings for word in ("--set", one)]
    given += ["--seed", "1", "--no-ranker"]
    told = json.loads(engine("train", "--model", "pinsage", *given, "--json"))
    engine("publish")
    answer = json.loads(engine("recommend", "u0", "-k", "5", "--include-seen", "--json"))
    similar = json.loads(engine("similar", "i0", "-k", "5", "--json"))

    assert any(name.endswith("pinsage.ndcg@20") for name in told["metrics"])
    assert len(answer["items"]) == 5
    assert all(item["name"].startswith("tea") for item in answer["items"])
    assert sum(item["name"].startswith("tea") for item in similar["items"]) >= 4
