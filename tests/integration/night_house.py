"""A home, a folder where files wait, and a shop of two tastes: what a night is tried on."""

import csv
from pathlib import Path

import numpy as np

from engine.config import Settings
from engine.nights.retrain_request import NightSummary, RetrainRequest
from engine.nights.waiting import FolderRequest
from engine.store.graph_client import Neo4jTarget
from engine.usecases.retraining import retrain

DAY = 86_400
FIRST = 1_700_000_000
Row = tuple[str, str, int]


def days(first: int, last: int) -> list[Row]:
    """Two tastes: a user keeps to items of its own parity and never comes back to one at once."""
    draw, rows = np.random.default_rng(7 + first), []
    for day in range(first, last):
        for n in range(80):
            user = int(draw.integers(120))
            item = 2 * int(min(draw.zipf(1.3) - 1, 59)) + user % 2
            rows.append((f"u{user}", f"i{item}", FIRST + DAY * day + 60 * n))
    return rows


def write(path: Path, rows: list[Row], item: str = "item_id", *, times: bool = True) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["user_id", item, "timestamp"][: 2 + times])
        out.writerows((*row[:2], row[2] or "")[: 2 + times] for row in rows)


class House:
    """A home, a folder where files wait, and a request."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self.request = RetrainRequest(
            settings={"epochs": "3", "dimension": "16"},
            waiting=FolderRequest(folder),
            ranker=False,
        )

    @classmethod
    def at(cls, target: Neo4jTarget, folder: Path) -> "House":
        waiting = folder / "waiting"
        waiting.mkdir()
        settings = Settings(
            home=folder / "home",
            neo4j_uri=target.uri,
            neo4j_user=target.user,
            neo4j_password=target.password,
        )
        return cls(settings, waiting)

    def night(self, rows: list[Row] | None = None, *, times: bool = True) -> NightSummary:
        if rows is not None:
            write(self.folder / "events.csv", rows, times=times)
        return retrain(self.settings, self.request)
