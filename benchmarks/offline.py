"""completejourney and ml-100k as material, read from their files without a database."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.feature_encoding import encode
from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.resources import demo_dir


def completejourney() -> TrainingData:
    """Return the purchases that the package brings, with attributes and facts as features."""
    folder = demo_dir()
    rows = _table(folder / "events.csv.gz")
    events = interactions(
        [row["user_id"] for row in rows],
        [row["item_id"] for row in rows],
        [_milliseconds(row["timestamp"]) for row in rows],
    )
    known = {
        row.pop("item_id"): {name: value for name, value in row.items() if value}
        for row in _table(folder / "items.csv.gz")
    }
    facts = _table(folder / "facts.csv.gz")
    words: dict[str, list[str]] = {row["head"]: [] for row in facts}
    for row in facts:
        words[row["head"]].append(f"{row['relation']}={row['tail_type']}:{row['tail']}")
    return with_features(events, known, words)


def ml_100k(folder: Path) -> TrainingData:
    """Return the ratings of MovieLens, with attributes and Freebase's facts as features."""
    rows = list(_atomic(folder / "ml-100k.inter.gz"))
    events = interactions(
        [row["user_id"] for row in rows],
        [row["item_id"] for row in rows],
        [int(float(row["timestamp"]) * 1000) for row in rows],
    )
    known = {
        row["item_id"]: {"year": row["release_year"], "class": row["class"].split()}
        for row in _atomic(folder / "ml-100k.item.gz")
    }
    link = {row["entity_id"]: row["item_id"] for row in _atomic(folder / "ml-100k.link.gz")}
    words: dict[str, list[str]] = {}
    for row in _atomic(folder / "ml-100k.kg.gz"):
        for here, there in (("head_id", "tail_id"), ("tail_id", "head_id")):
            if item := link.get(row[here]):
                words.setdefault(item, []).append(f"{row['relation_id']}={row[there]}")
    return with_features(events, known, words)


def interactions(users: list[str], items: list[str], at: list[int]) -> Interactions:
    """Return events in the order of user and time."""
    of_users, of_items = Vocabulary(sorted(set(users))), Vocabulary(sorted(set(items)))
    user, item = of_users.positions(users), of_items.positions(items)
    moment = np.array(at, dtype=np.int64)
    order = np.lexsort((item, moment, user))
    return Interactions.of(
        of_users, of_items, user[order], item[order], at=moment[order], events=("had",)
    )


def with_features(
    events: Interactions, known: dict[str, dict[str, Any]], words: dict[str, list[str]]
) -> TrainingData:
    """Return material whose features are those that ``engine train`` would pull."""
    ids = events.items.ids
    found = encode(ids, known, [words.get(id_, []) for id_ in ids])
    return TrainingData(events, features=NodeFeatures(items=found))


def _table(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _atomic(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        names = [name.split(":")[0] for name in next(file).rstrip("\n").split("\t")]
        for line in file:
            yield dict(zip(names, line.rstrip("\n").split("\t"), strict=True))


def _milliseconds(text: str) -> int:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(moment.astimezone(UTC).timestamp() * 1000)
