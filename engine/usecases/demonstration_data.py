"""The data of the demonstration: whole households of a grocer's, with all that they bought in 2017.

``benchmarks/completejourney.py`` draws them and writes the files that the package carries.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from engine.data.arrays import Int64Array
from engine.loading.load import IngestRequest

_SHOPPERS = {"often": 0.05, "now and then": 0.3, "rarely": 0.7}
_ID_OF = {"items": "item_id", "users": "user_id", "events": "user_id", "facts": "head"}


@dataclass(frozen=True)
class DemoData:
    """The files, or of them what concerns some households.

    Attributes:
        folder: Where the files lie.
        households: How many households are taken; None: all.
    """

    folder: Path
    households: int | None = None

    @cached_property
    def events(self) -> pl.DataFrame:
        """Columns ``user, item, at`` (epoch ms)."""
        moment = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms")
        return self._table("events").select(
            pl.col("user_id").cast(pl.String).alias("user"),
            pl.col("item_id").cast(pl.String).alias("item"),
            moment.cast(pl.Int64).alias("at"),
        )

    @cached_property
    def names(self) -> dict[str, str]:
        """Item to a name that people can read: ``Eggs - X-Large, 1 dz``."""
        items = self._table("items").select(pl.col("item_id").cast(pl.String), "name")
        return dict(items.iter_rows())

    @cached_property
    def rows(self) -> dict[str, int]:
        """Rows of each file."""
        return {name: self._rows(name).select(pl.len()).collect().item() for name in _ID_OF}

    @contextmanager
    def files(self) -> Iterator[IngestRequest]:
        """Lend the files to load."""
        if self.households is None:
            yield _request(self.folder)
            return
        with tempfile.TemporaryDirectory() as place:
            for name in _ID_OF:
                self._table(name).write_parquet(Path(place) / f"{name}.parquet")
            yield _request(Path(place))

    def shoppers(self) -> list[tuple[str, str, int]]:
        """Return (kind, household, purchases) of three households, from many to few purchases."""
        counts = self.events.group_by("user").len().sort(["len", "user"], descending=[True, False])
        return [(kind, *counts.row(int(share * len(counts)))) for kind, share in _SHOPPERS.items()]

    def bought(self, user: str, most: int) -> tuple[tuple[date, str], ...]:
        """Return date and name of the household's latest products, each once."""
        own = self.events.filter(pl.col("user") == user).sort("at", "item", descending=True)
        latest = own.unique("item", keep="first", maintain_order=True).head(most)
        when = latest["at"].cast(pl.Datetime("ms")).dt.date()
        return tuple(
            (day, self.names[item]) for day, item in zip(when, latest["item"], strict=True)
        )

    def some_users(self, most: int) -> list[str]:
        """Return at most so many households, spread evenly over all of them."""
        users = self.events["user"].unique().sort().to_list()
        return users[:: -(-len(users) // most)]

    def popular(self, users: list[str], k: int, *, seen: bool) -> Int64Array:
        """Return for each user the ``k`` items bought most, ``(len(users), k)``, -1 where none.

        Args:
            users: Households.
            k: Length of a list.
            seen: Whether it may hold what the household has bought.
        """
        counts = self.events.group_by("item").len().sort(["len", "item"], descending=[True, False])
        numbers = dict(zip(counts["item"], range(len(counts)), strict=True))
        bought = dict(self.events.group_by("user").agg(pl.col("item").unique()).iter_rows())
        lists = np.full((len(users), k), -1, dtype=np.int64)
        for row, user in enumerate(users):
            own = set() if seen else {numbers[item] for item in bought[user]}
            free = (number for number in range(len(counts)) if number not in own)
            best = [number for number, _ in zip(free, range(k), strict=False)]
            lists[row, : len(best)] = best
        return lists

    def _table(self, name: str) -> pl.DataFrame:
        return self._rows(name).collect()

    def _rows(self, name: str) -> pl.LazyFrame:
        whole = pl.scan_parquet(self.folder / f"{name}.parquet")
        if self.households is None:
            return whole
        chosen = self._chosen if name in ("users", "events") else self._chosen_items
        return whole.filter(pl.col(_ID_OF[name]).is_in(chosen.implode()))

    @cached_property
    def _all_events(self) -> pl.DataFrame:
        return pl.read_parquet(self.folder / "events.parquet", columns=["user_id", "item_id"])

    @cached_property
    def _chosen(self) -> pl.Series:
        return self._all_events["user_id"].unique().sort().head(self.households or 0)

    @cached_property
    def _chosen_items(self) -> pl.Series:
        own = self._all_events.filter(pl.col("user_id").is_in(self._chosen.implode()))
        return own["item_id"].unique()


def _request(folder: Path) -> IngestRequest:
    events, items, users, facts = (
        folder / f"{name}.parquet" for name in ("events", "items", "users", "facts")
    )
    return IngestRequest(events=events, items=items, users=users, facts=facts)
