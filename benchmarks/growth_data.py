"""Events of any number for ``benchmarks.growth``: made by a power law, or a shop's, many times."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

EVENTS = "events.parquet"
_EVENTS_A_USER, _EVENTS_AN_ITEM = 50, 500
_USER_POWER, _ITEM_POWER = 0.6, 0.8
_TASTES = 50
_OWN_TASTE = 0.7
_YEAR_S, _BEGIN_S = 365 * 86_400, 1_700_000_000
_ROWS_PER_WRITE = 2_000_000
_OTHER_ITEM = 0.3


def write(shape: str, events: int, path: Path) -> None:
    """Write so many events, in the order that they are made."""
    tables = _zipf(events) if shape == "zipf" else _shop(events)
    part = path.with_suffix(".part")
    writer: pq.ParquetWriter | None = None
    for table in tables:
        arrow = table.to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or pq.ParquetWriter(part, arrow.schema, compression="zstd")
        writer.write_table(arrow)
    assert writer is not None
    writer.close()
    part.rename(path)


def bytes_of(folder: Path) -> int:
    """Return the bytes of all files in a folder and below."""
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def _zipf(events: int) -> Iterator[pl.DataFrame]:
    """Make events of users of whom few are busy, on items of which few are popular.

    The r-th user and item come r^-0.6 and r^-0.8 as often as the first. Items and users have one of
    50 tastes, by which seven of ten choices are made, so that there is something to learn.
    """
    rng = np.random.default_rng(7)
    users, items = max(events // _EVENTS_A_USER, 100), max(events // _EVENTS_AN_ITEM, 200)
    for start in range(0, events, _ROWS_PER_WRITE):
        count = min(_ROWS_PER_WRITE, events - start)
        user = _ranks(rng, count, users, _USER_POWER)
        item = _ranks(rng, count, items, _ITEM_POWER)
        own = rng.random(count) < _OWN_TASTE
        near = np.minimum(item // _TASTES * _TASTES + user % _TASTES, items - 1)
        yield pl.DataFrame(
            {
                "user_id": [f"u{one}" for one in user.tolist()],
                "item_id": [f"i{one}" for one in np.where(own, near, item).tolist()],
                "timestamp": _BEGIN_S + rng.integers(0, _YEAR_S, count),
            }
        )


def _ranks(rng: np.random.Generator, count: int, most: int, power: float) -> np.ndarray:
    """Draw numbers below ``most``, r with a chance that goes as (r + 1)^-power: by its integral."""
    return (most * rng.random(count) ** (1.0 / (1.0 - power))).astype(np.int64)


def _shop(events: int) -> Iterator[pl.DataFrame]:
    """Copy completejourney's households; a copy has, of three items in ten, another at random."""
    from benchmarks import completejourney

    rng = np.random.default_rng(7)
    shop = completejourney.read().events.select("user_id", "item_id", "timestamp")
    popular = shop["item_id"].to_numpy()
    for copy, start in enumerate(range(0, events, len(shop))):
        table = shop.head(events - start)
        item = table["item_id"].to_numpy()
        if copy:
            other = rng.random(len(item)) < _OTHER_ITEM
            item = np.where(other, rng.choice(popular, len(item)), item)
        yield table.with_columns(
            user_id=pl.format("{}-{}", "user_id", pl.lit(copy)),
            item_id=pl.Series(item).cast(pl.String),
        )
