"""What two shops of the simulator came to, compared user by user.

The users are what is drawn: an interval is that of the paired bootstrap over them, in one world. It
knows nothing of the chance that all users share, such as a model's: other seeds are other worlds.

``conversions`` are what was bought of lists. ``expected`` are their probabilities added up, which
the truth of the world knows: the same figure without the chance of each visit.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from benchmarks.shop_world import ShopWorld, date_of
from benchmarks.simulated_shop import ShopRecord
from engine.evaluation.significance import Difference, paired_bootstrap

EXPLORED = "explore"
"""The source of an item that stands in a list to be tried."""
_KEYS = ("day", "user", "position")


@dataclass(frozen=True, eq=False)
class ComparedShops:
    """Two shops that lived through the same days.

    Attributes:
        control: The nightly loop alone.
        closed: What is judged.
    """

    world: ShopWorld
    control: ShopRecord
    closed: ShopRecord

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return {
            "world": asdict(self.world.request),
            "loop": {"asked": dict(self.closed.loop.asked), "night": list(self.closed.loop.night)},
            "control": self._shop(self.control),
            "closed": self._shop(self.closed),
            "gain": {what: asdict(self.gain(what)) for what in ("bought", "expected")},
            "exploration": self.exploration(),
            "days": self.days(),
        }

    def gain(self, what: str) -> Difference:
        """Return how many more a user had in the closed loop.

        Args:
            what: ``bought``: conversions; ``expected``: their probabilities.
        """
        ours, theirs = (self._per_user(one.shown, what) for one in (self.closed, self.control))
        return self._difference(ours, theirs)

    def exploration(self) -> dict[str, Any]:
        """Return what explored positions brought, and the same positions of the control."""
        ours = self.closed.shown.filter(pl.col("source") == EXPLORED)
        theirs = self.control.shown.join(ours.select(_KEYS), on=list(_KEYS))
        cost = self._difference(*(self._per_user(one, "expected") for one in (theirs, ours)))
        return {
            "positions": len(ours),
            "looked_at": int(ours["looked_at"].sum()),
            "items": ours["item"].n_unique(),
            "closed": _sums(ours),
            "control": _sums(theirs),
            "cost_per_user": asdict(cost),
        }

    def days(self) -> list[dict[str, Any]]:
        """Return a row for each day: what came of its lists, and what served."""
        return [self._day(day) for day in range(self.world.request.days)]

    def text(self) -> Iterator[str]:
        """Say all of it, line by line."""
        told = self.as_dict()
        rows = told["days"]
        yield "| " + " | ".join(rows[0]) + " |"
        yield "|" + " --- |" * len(rows[0])
        for row in rows:
            yield "| " + " | ".join(_cell(one) for one in row.values()) + " |"
        for name in ("control", "closed"):
            yield f"{name}: " + ", ".join(f"{_cell(v)} {k}" for k, v in told[name].items())
        for what, found in told["gain"].items():
            share = found["mean"] * found["users"] / max(told["control"][what], 1)
            yield f"the closed loop gains, {what} per user: {_interval(found)}, {share:+.1%}"
        tried = told["exploration"]
        yield (
            f"explored positions: {tried['positions']}, {tried['looked_at']} looked at, "
            f"{tried['items']} items; bought {tried['closed']['bought']}, at the same positions of "
            f"the control {tried['control']['bought']}; cost, expected per user: "
            f"{_interval(tried['cost_per_user'])}"
        )

    def _shop(self, shop: ShopRecord) -> dict[str, Any]:
        shown, new = shop.shown, pl.col("item").is_in(self._new)
        return {
            "lists": shown.select(_KEYS[:2]).n_unique(),
            **_sums(shown),
            "in engine outcomes": sum(
                one["events"] for group in shop.outcomes["groups"] for one in group["outcomes"]
            ),
            "items looked at": shown.filter("looked_at")["item"].n_unique(),
            "positions of the new": len(shown.filter(new)),
            "of the new": shown.filter(new, "looked_at")["item"].n_unique(),
            "of the new bought": shown.filter(new, "bought")["item"].n_unique(),
            "hidden items listed": self._hidden(shown),
            "generations served": len({1} | {one["generation"] for one in shop.nights}),
        }

    @property
    def _new(self) -> list[str]:
        return [self.world.items[row] for row in np.flatnonzero(self.world.comes >= 0)]

    def _hidden(self, shown: pl.DataFrame) -> int:
        goes = shown["item"].replace_strict(self.world.items, self.world.goes)
        return int((goes <= shown["day"]).sum())

    def _day(self, day: int) -> dict[str, Any]:
        row: dict[str, Any] = {"day": day + 1, "date": str(date_of(day))}
        row["visits"] = int(self.world.visits[day].sum())
        for name, shop in (("control", self.control), ("closed", self.closed)):
            today = _sums(shop.shown.filter(pl.col("day") == day))
            row |= {f"{name}: {what}": value for what, value in today.items()}
            row[f"{name}: new tried"] = self._tried(shop.shown, day)
            night = shop.nights[day - 1] if day else {"outcome": "first", "generation": 1}
            row |= {f"{name}: {what}": night[what] for what in ("outcome", "generation")}
        return row

    def _tried(self, shown: pl.DataFrame, day: int) -> int:
        """Return how many of the items that came were looked at until the end of a day."""
        tried = shown.filter(pl.col("day") <= day, "looked_at", pl.col("item").is_in(self._new))
        return tried["item"].n_unique()

    def _per_user(self, shown: pl.DataFrame, what: str) -> np.ndarray:
        """Return a sum for each user of the world; 0 for who never asked."""
        sums = dict(shown.group_by("user").agg(pl.col(what).cast(pl.Float64).sum()).iter_rows())
        return np.array([sums.get(user, 0.0) for user in self.world.users])

    def _difference(self, ours: np.ndarray, theirs: np.ndarray) -> Difference:
        return paired_bootstrap(ours, theirs, np.random.default_rng(self.world.request.seed))


def _sums(shown: pl.DataFrame) -> dict[str, Any]:
    return {"bought": int(shown["bought"].sum()), "expected": float(shown["expected"].sum())}


def _cell(value: Any) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _interval(found: dict[str, Any]) -> str:
    return f"{found['mean']:+.4f} [{found['low']:+.4f}, {found['high']:+.4f}]"
