"""The files that commands in README.md and docs/ name, small: a shop of two tastes, and others.

Where a page names a public data set, a small file of the same form stands in for it.
"""

import contextlib
import gzip
import sqlite3
from pathlib import Path

import numpy as np
import polars as pl

DAY = 86_400
START = 1_780_704_000  # 2026-06-06: the newest events lie beside those that pages send
N_DAYS = 56
_TASTES = {
    "tea": ["green-tea", "mug", "teapot", "strainer", "honey", "lemons", "black-tea", "biscuits"],
    "coffee": [
        "espresso-machine",
        "grinder",
        "filter",
        "beans",
        "milk",
        "sugar",
        "scale",
        "tamper",
    ],
}
_EVENTS = ["user_id", "item_id", "event", "timestamp", "basket_id"]


def write_all(rng: np.random.Generator) -> None:
    """Write every file into the working folder."""
    events = _events(rng)
    newest = START + (N_DAYS - 2) * DAY
    events.filter(pl.col("timestamp") < newest).write_csv("events.csv")
    _write_knowledge()
    _write_exports(events.filter(pl.col("timestamp") >= newest))
    _write_data_sets(events, rng)
    lists = events.group_by("user_id").agg(pl.col("item_id").unique(maintain_order=True).head(5))
    lists.explode("item_id").with_columns(
        rank=pl.int_range(pl.len()).over("user_id") + 1
    ).write_csv("lists.csv")
    _sums_of_variants(rng).write_csv("sums.csv")
    events.head(3).with_columns(user_id=pl.lit("mallory")).write_csv("wrong-export.csv")
    # A server that is busy says when to come again: 503 and Retry-After.
    Path(".curlrc").write_text("fail\nsilent\nretry = 5\n", encoding="utf-8")
    Path("leavers.txt").write_text("user-7\n", encoding="utf-8")


def _sums_of_variants(rng: np.random.Generator) -> pl.DataFrame:
    """Return what 400 users of two variants saw and did."""
    shown, converted = np.full(400, 20), rng.binomial(20, 0.1, 400)
    columns = {"shown": shown, "conversions": converted, "value": 3 * converted}
    users = [f"u{n}" for n in range(400)]
    return pl.DataFrame({"user": users, "variant": ["a", "b"] * 200} | columns)


def _events(rng: np.random.Generator) -> pl.DataFrame:
    """Return eight weeks of baskets; alice, of the taste for tea, never has the green tea."""
    people = ["alice", *(f"user-{n}" for n in range(71))]
    rows: list[tuple[str, str, str, int, str]] = []
    for number, user in enumerate(people):
        own = _TASTES["tea" if number % 2 == 0 else "coffee"]
        for basket in range(8):
            at = START + int(rng.integers(0, N_DAYS)) * DAY + number
            choice = own[1:] if user == "alice" else own
            some = rng.choice(choice, size=3, replace=False)
            rows += [(user, str(item), "purchase", at, f"{user}-{basket}") for item in some]
    return pl.DataFrame(rows, schema=_EVENTS, orient="row").sort("timestamp")


def _write_knowledge() -> None:
    items = [(item, item.title(), taste) for taste, some in _TASTES.items() for item in some]
    items.append(("recalled-kettle", "Kettle", "tea"))
    table = pl.DataFrame(items, schema=["item_id", "name", "category"], orient="row")
    table.write_csv("items.csv")
    facts = [(item, "Item", "IN_CATEGORY", taste, "Category") for item, _, taste in items]
    names = ["head", "head_type", "relation", "tail", "tail_type"]
    pl.DataFrame(facts, schema=names, orient="row").write_csv("knowledge.csv")
    friends = [("alice", "TRUSTS", "user-1"), ("user-1", "TRUSTS", "user-3")]
    pl.DataFrame(friends, schema=["head", "relation", "tail"], orient="row").write_csv(
        "friends.csv"
    )


def _write_exports(newest: pl.DataFrame) -> None:
    Path("exports").mkdir()
    newest.write_csv("exports/events.csv")
    for day, rows in newest.group_by(pl.from_epoch("timestamp").dt.date()):
        folder = Path(f"lake/purchases/date={day[0]}")
        folder.mkdir(parents=True)
        rows.write_parquet(folder / "part-00000.parquet")
    with contextlib.closing(sqlite3.connect("shop.sqlite")) as shop, shop:
        shop.execute("CREATE TABLE orders (user_id, item_id, event, timestamp, basket_id)")
        shop.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", newest.iter_rows())
        shop.execute("ALTER TABLE orders ADD COLUMN updated_at DEFAULT '2026-08-01 00:00:00'")


def _write_data_sets(events: pl.DataFrame, rng: np.random.Generator) -> None:
    for folder in ("completejourney", "engine/demo", "gowalla", "ml-100k"):
        Path(folder).mkdir(parents=True)
    for name in ("events.parquet", "completejourney/events.parquet", "engine/demo/events.parquet"):
        events.write_parquet(name)
    typed = events.select(
        pl.col("user_id").alias("user_id:token"),
        pl.col("item_id").alias("item_id:token"),
        pl.col("timestamp").alias("timestamp:float"),
    )
    text = typed.write_csv(separator="\t").encode()
    for name in ("ml-100k.inter.gz", "ml-100k/ml-100k.inter.gz"):
        Path(name).write_bytes(gzip.compress(text))
    events.select("user_id", "item_id").unique(maintain_order=True).write_csv("lastfm.csv")
    learned, held = [], []
    for user in range(60):
        some = rng.choice(np.arange(user % 2, 80, 2), size=10, replace=False)
        learned.append(" ".join(map(str, (user, *some[:8]))))
        held.append(" ".join(map(str, (user, *some[8:]))))
    for name, lines in (("train", learned), ("gowalla/train", learned), ("test", held)):
        Path(f"{name}.txt.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
