"""completejourney and ml-100k as material, read from their files without a database."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet

from engine.data.feature_encoding import Described, FeatureEncoder
from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.resources import demo_dir

Columns = dict[str, list[Any]]


@dataclass(frozen=True)
class Catalogue:
    """Events, and what is known of their items.

    Attributes:
        events: Rows numbered as the graph numbers them.
        described: Of all items in the order of their rows; ``name`` is among the attributes.
    """

    events: Interactions
    described: Described

    def material(self) -> TrainingData:
        """Return what ``engine train`` would pull: names are no feature where nobody asks."""
        known = self.described
        bare = [{k: v for k, v in one.items() if k != "name"} for one in known.attributes]
        known = Described(bare, known.facts)
        features = FeatureEncoder.fitted(known).encode(known)
        return TrainingData(self.events, features=NodeFeatures(items=features))


def completejourney(*, packaged: bool = False) -> TrainingData:
    """Return purchases, with attributes and facts as features.

    Args:
        packaged: Those of the households that the engine brings, read with pyarrow alone; else the
            whole, from its own package.
    """
    return completejourney_catalogue(packaged=packaged).material()


def completejourney_catalogue(*, packaged: bool = False) -> Catalogue:
    """Return purchases, and attributes, names and facts of the products.

    Args:
        packaged: Those of the households that the engine brings, read with pyarrow alone; else the
            whole, from its own package.
    """
    events, items, facts = _packaged() if packaged else _whole()
    users, things = ([str(id_) for id_ in events[name]] for name in ("user_id", "item_id"))
    bought = interactions(users, things, [_milliseconds(text) for text in events["timestamp"]])
    names = [name for name in items if name != "item_id"]
    described = {
        str(id_): {name: str(value) for name, value in zip(names, row, strict=True) if value}
        for id_, *row in zip(items["item_id"], *(items[name] for name in names), strict=True)
    }
    words: dict[str, list[str]] = {}
    columns = (facts[name] for name in ("head", "relation", "tail_type", "tail"))
    for head, relation, kind, tail in zip(*columns, strict=True):
        words.setdefault(str(head), []).append(f"{relation}={kind}:{tail}")
    return _catalogue(bought, described, words)


def material(folder: Path | None, *, packaged: bool) -> TrainingData:
    """Return the ratings in a folder; without one the purchases."""
    return ml_100k(folder) if folder else completejourney(packaged=packaged)


def ml_100k(folder: Path) -> TrainingData:
    """Return the ratings of MovieLens, with attributes and Freebase's facts as features."""
    return ml_100k_catalogue(folder).material()


def ml_100k_catalogue(folder: Path) -> Catalogue:
    """Return the ratings of MovieLens, and attributes, titles and Freebase's facts of the films."""
    rows = list(_atomic(folder / "ml-100k.inter.gz"))
    events = interactions(
        [row["user_id"] for row in rows],
        [row["item_id"] for row in rows],
        [int(float(row["timestamp"]) * 1000) for row in rows],
    )
    known = {
        row["item_id"]: {
            "name": row["movie_title"],
            "year": row["release_year"],
            "class": row["class"].split(),
        }
        for row in _atomic(folder / "ml-100k.item.gz")
    }
    link = {row["entity_id"]: row["item_id"] for row in _atomic(folder / "ml-100k.link.gz")}
    words: dict[str, list[str]] = {}
    for row in _atomic(folder / "ml-100k.kg.gz"):
        for here, there in (("head_id", "tail_id"), ("tail_id", "head_id")):
            if item := link.get(row[here]):
                words.setdefault(item, []).append(f"{row['relation_id']}={row[there]}")
    return _catalogue(events, known, words)


def interactions(users: list[str], items: list[str], at: list[int]) -> Interactions:
    """Return events in the order of user and time."""
    of_users, of_items = Vocabulary(sorted(set(users))), Vocabulary(sorted(set(items)))
    user, item = of_users.positions(users), of_items.positions(items)
    moment = np.array(at, dtype=np.int64)
    order = np.lexsort((item, moment, user))
    return Interactions.of(
        of_users, of_items, user[order], item[order], at=moment[order], events=("had",)
    )


def _catalogue(
    events: Interactions, known: dict[str, dict[str, Any]], words: dict[str, list[str]]
) -> Catalogue:
    ids = events.items.ids
    attributes = [known.get(id_, {}) for id_ in ids]
    return Catalogue(events, Described(attributes, [words.get(id_, []) for id_ in ids]))


def _packaged() -> list[Columns]:
    return [
        pyarrow.parquet.read_table(demo_dir() / f"{name}.parquet").to_pydict()
        for name in ("events", "items", "facts")
    ]


def _whole() -> list[Columns]:
    from benchmarks import completejourney

    shop = completejourney.read()
    return [table.to_dict(as_series=False) for table in (shop.events, shop.items, shop.facts)]


def _atomic(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        names = [name.split(":")[0] for name in next(file).rstrip("\n").split("\t")]
        for line in file:
            yield dict(zip(names, line.rstrip("\n").split("\t"), strict=True))


def _milliseconds(text: str) -> int:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(moment.astimezone(UTC).timestamp() * 1000)
