"""Tally: what a whole file of events looks like, before any of it is loaded.

A row can be judged alone; a truncated copy, an export written twice, a column in the wrong place or
a machine that clicks for one user show only in the file as a whole.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from engine.data.arrays import Int64Array
from engine.data.reading.rejection import Rejection

_CUT = frozenset({"missing-cell", "unclosed-quote", "bad-json"})


@dataclass(frozen=True)
class FileFault:
    """Why a file is held back.

    Attributes:
        code: Stable: ``truncated``, ``zero-events``, ``bad-rows``, ``duplicates``, ``one-user``,
            ``unknown-ids``, or that of a file that cannot be read at all.
    """

    code: str
    message: str


@dataclass(frozen=True)
class FileLimits:
    """What a file may look like.

    Attributes:
        bad: Largest share of rows that cannot be events.
        duplicates: Largest share of rows that stand in the file already.
        one_user: Largest share of rows of one user.
        unknown_ids: Largest share of rows whose user, or whose item, the graph does not know.
        rows: Shares of fewer rows, or against fewer known ids, say nothing, save that of bad rows.
    """

    bad: float = 0.05
    duplicates: float = 0.2
    one_user: float = 0.5
    unknown_ids: float = 0.9
    rows: int = 50


@dataclass
class FileTally:
    """Counts over the blocks of a file.

    Attributes:
        known_users: Ids that the graph has; empty: nothing is compared.
        known_items: Ids that the graph has; empty: nothing is compared.
    """

    known_users: Collection[str] = ()
    known_items: Collection[str] = ()
    read: int = 0
    bad: Counter[str] = field(default_factory=Counter)
    users: Counter[str] = field(default_factory=Counter)
    items: Counter[str] = field(default_factory=Counter)
    _keys: list[Int64Array] = field(default_factory=list)
    _last: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add(self, events: pl.DataFrame, bad: Sequence[Rejection], part: str = "") -> None:
        """Count a block of a part: its events (``row, user, item, key``) and its rejected rows."""
        self.read += len(events) + len(bad)
        self.bad.update(one.code for one in bad)
        for column, counter in (("user", self.users), ("item", self.items)):
            for id_, rows in events[column].value_counts().iter_rows():
                counter[id_] += rows
        self._keys.append(_repeatable(events)["key"].to_numpy())
        ends = [(one.row, one.code) for one in bad]
        if len(events):
            ends.append((int(events["row"].max() or 0), ""))  # type: ignore[arg-type]
        self._last[part] = max([self._last.get(part, (-1, "")), *ends])

    def fault(self, allowed: FileLimits) -> FileFault | None:
        """Return the first thing that is wrong with the file, or None."""
        good = self.users.total()
        if self.read == 0:
            return FileFault("zero-events", "it holds no events")
        if any(code in _CUT for _, code in self._last.values()):
            return FileFault("truncated", "it ends in the middle of a row: the copy was cut off")
        if (bad := self.bad.total()) > allowed.bad * self.read:
            most = ", ".join(f"{code} {rows}" for code, rows in self.bad.most_common(3))
            message = f"{bad} of {self.read} rows cannot be events ({most})"
            return FileFault("bad-rows", message)
        return self._of_shares(allowed, good) if self.read >= allowed.rows else None

    def _of_shares(self, allowed: FileLimits, good: int) -> FileFault | None:
        keys = np.concatenate(self._keys)
        again = len(keys) - len(np.unique(keys))
        if again > allowed.duplicates * good:
            message = f"{again} of {good} rows stand in the file already ({again / good:.0%})"
            return FileFault("duplicates", message)
        rows = self.users.most_common(1)[0][1]
        if rows > allowed.one_user * good:
            message = f"{rows} of {good} rows are of one user ({rows / good:.0%})"
            return FileFault("one-user", message)
        return self._unknown_ids(allowed, good)

    def _unknown_ids(self, allowed: FileLimits, good: int) -> FileFault | None:
        sides = (("users", self.users, self.known_users), ("items", self.items, self.known_items))
        for name, counted, known in sides:
            if len(known) < allowed.rows:
                continue
            new = sum(rows for id_, rows in counted.items() if id_ not in known)
            if new > allowed.unknown_ids * good:
                message = f"{new} of {good} rows name {name} that the graph does not know: "
                return FileFault("unknown-ids", message + "is a column in the wrong place?")
        return None


def _repeatable(events: pl.DataFrame) -> pl.DataFrame:
    """Return the events of which a second row says that something was written twice.

    Without a time or an id, who buys a thing again says the same again.
    """
    known = [pl.col(name).is_not_null() for name in ("at", "event_id") if name in events.columns]
    return events.filter(pl.any_horizontal(known)) if known else events
