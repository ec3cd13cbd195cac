"""Events straight from a file, without a database: the rows that ``engine ingest`` would accept."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from engine.data.arrays import Int64Array
from engine.data.dislikes import DISLIKE_KINDS
from engine.data.events import folded_kinds
from engine.data.interactions import Interactions
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.reading_notes import ReadingNotes
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError
from engine.loading.load_events import validated_blocks

_COLUMNS = ("user", "item", "event", "at", "weight", "key", "basket")


@dataclass(frozen=True, eq=False)
class FileEvents:
    """What a file held.

    Attributes:
        events: Each event once; users and items are numbered as the graph numbers them.
        duplicates: Rows that repeat an earlier one, or have its event id.
        bad: Code of ``rejection`` to rows that are no events.
        examples: Code to the reason of the first such row.
        notes: What was understood of the file that it does not say.
        baskets: ``(n_events,)``, the number of the basket that an event names, -1 for none; a
            number is that of a text, whoever's basket it is.
    """

    events: Interactions
    duplicates: int
    bad: dict[str, int]
    examples: dict[str, str] = field(default_factory=dict)
    notes: ReadingNotes = field(default_factory=ReadingNotes)
    baskets: Int64Array = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @property
    def left_out(self) -> str:
        """What was left out, in words; empty when nothing was."""
        counts = {"duplicate": self.duplicates} | self.bad
        return ", ".join(f"{code} {count}" for code, count in counts.items() if count)

    def remarks(self, name: str) -> list[str]:
        """Return sentences on how the file of that name was read and what was left out."""
        found = [f"{name}: {line}." for line in self.notes.lines()]
        if self.left_out:
            found.append(f"Rows of {name} left out: {self.left_out}.")
        found += [f"{name}: {code}, for instance {why}." for code, why in self.examples.items()]
        return found


def read_events(path: Path, options: ReadOptions) -> FileEvents:
    """Read a file of events.

    Args:
        path: The file.
        options: How to read it.

    Raises:
        FileRefused: The file cannot be read, or lacks a column it needs.
        DataError: No row of it is an event.
    """
    frames, bad, examples = [], Counter[str](), dict[str, str]()
    notes = ReadingNotes()
    for block, contract, events, rejected, _ in validated_blocks(path, options):
        frames.append(events.select(_COLUMNS))
        bad.update(one.code for one in rejected)
        for one in rejected:
            if one.code not in examples:
                examples[one.code] = one.reason
        notes.of_fields(block, contract.columns, options)
        notes.of_kinds(folded_kinds(block, contract))
    whole = pl.concat(frames) if frames else pl.DataFrame()
    if not len(whole):
        why = "; ".join(f"{code} {bad[code]}, for instance {one}" for code, one in examples.items())
        raise DataError(
            f"{path.name} holds no events{f': {why}' if why else ''}",
            hint="correct the file, or say how it is read: engine ingest --help",
        )
    once = whole.unique("key", keep="first", maintain_order=True)
    again = len(whole) - len(once)
    # As in the graph: what is disliked is no event that is counted or learned from.
    found, baskets = interactions(once.filter(~pl.col("event").is_in(DISLIKE_KINDS)))
    return FileEvents(found, again, dict(bad), examples, notes, baskets)


def interactions(frame: pl.DataFrame) -> tuple[Interactions, Int64Array]:
    """Return judged events as columns, sorted by user, time and item, rows by sorted id.

    Beside them the number of each event's basket, -1 for none.
    """
    users, items, names = (
        frame[column].unique().sort().to_list() for column in ("user", "item", "event")
    )
    rows = [
        frame[column].replace_strict(ids, range(len(ids)), return_dtype=pl.Int64).to_numpy()
        for column, ids in (("user", users), ("item", items), ("event", names))
    ]
    user, item, event = rows
    at = frame["at"].fill_null(0).to_numpy()
    order = np.lexsort((item, at, user))
    named = frame["basket"].cast(pl.Categorical).to_physical().cast(pl.Int64)
    events = Interactions(
        users=Vocabulary(users),
        items=Vocabulary(items),
        user=user[order].astype(np.int32),
        item=item[order].astype(np.int32),
        weight=frame["weight"].to_numpy()[order].astype(np.float32),
        at=at[order].astype(np.int64),
        event=event[order].astype(np.int16),
        events=tuple(names),
    )
    return events, named.fill_null(-1).to_numpy()[order]
