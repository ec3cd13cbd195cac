"""A person loads a CSV and reads good recommendations: the whole walk through the command line."""

import csv
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.store.graph_client import GraphClient, Neo4jTarget

from .terminal import engine

_USERS, _ITEMS, _EVENTS_PER_USER = 80, 60, 12
_START = 1_700_000_000


def _taste(number: int) -> str:
    return "tea" if number % 2 == 0 else "coffee"


@pytest.fixture
def two_tastes(tmp_path: Path, rng: np.random.Generator) -> tuple[Path, Path]:
    """Half of the people buy only tea things, half only coffee things."""
    events, items = tmp_path / "events.csv", tmp_path / "items.csv"
    with events.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["user_id", "item_id", "event", "timestamp"])
        for user in range(_USERS):
            own = [item for item in range(_ITEMS) if _taste(item) == _taste(user)]
            for position, item in enumerate(rng.choice(own, _EVENTS_PER_USER, replace=False)):
                out.writerow([f"u{user}", f"i{item}", "purchase", _START + 1000 * position + user])
    with items.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["item_id", "title", "category"])
        for item in range(_ITEMS):
            out.writerow([f"i{item}", f"{_taste(item)} {item}", _taste(item)])
    return events, items


@pytest.fixture
def no_umask() -> Iterator[None]:
    """Nothing but the engine's own care keeps its files from others."""
    before = os.umask(0)
    yield
    os.umask(before)


def _open_to_others(home: Path) -> list[str]:
    return [
        f"{path.relative_to(home)} {stat.S_IMODE(path.lstat().st_mode):o}"
        for path in [home, *home.rglob("*")]
        if not path.is_symlink() and path.stat().st_mode & 0o077
    ]


@pytest.mark.usefixtures("graph", "on_server", "no_umask")
def test_from_a_csv_file_to_recommendations(two_tastes: tuple[Path, Path], tmp_path: Path) -> None:
    events, items = two_tastes
    home = tmp_path / "home"
    with events.open("a", encoding="utf-8") as file:
        file.write("u0,,purchase,1700000000\n")  # for the quarantine

    engine("ingest", str(events), "--items", str(items))
    engine("train", "--seed", "1", "--set", "epochs=30", "--no-ranker")
    engine("publish")
    answer = json.loads(engine("recommend", "u0", "-k", "5", "--json"))
    similar = json.loads(engine("similar", "i0", "-k", "5", "--json"))
    status = json.loads(engine("status", "--json"))

    engine("keys", "create", "shop", "--scope", "read")
    engine("recommend", "--all", "--out", str(home / "lists.csv"))
    compared = ("--models", "popular", "--data", str(events), "--out", str(home / "report.html"))
    engine("compare", *compared)

    assert (home / "quarantine").is_dir()
    assert _open_to_others(home) == []
    assert len(answer["items"]) == 5
    assert all(item["name"].startswith("tea") for item in answer["items"])
    assert len(similar["items"]) == 5
    assert sum(item["name"].startswith("tea") for item in similar["items"]) >= 4
    assert (status["users"], status["items"]) == (_USERS, _ITEMS)
    assert status["events"] == _USERS * _EVENTS_PER_USER


def test_the_same_file_twice_adds_nothing(
    two_tastes: tuple[Path, Path], graph: GraphClient, on_server: Neo4jTarget
) -> None:
    events, _ = two_tastes
    first = json.loads(engine("ingest", str(events), "--json"))
    again = json.loads(engine("ingest", str(events), "--json"))

    assert on_server.uri == graph.target.uri
    assert json.dumps(first).count("960") >= 1
    assert json.dumps(again).count("960") >= 1
    assert json.loads(engine("status", "--json"))["events"] == _USERS * _EVENTS_PER_USER
