"""What became of one part file on an executor, as the text in which it travels to the driver."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from engine.data.reading.block import Block
from engine.data.reading.reading_notes import ReadingNotes
from engine.data.reading.rejection import Rejection
from engine.errors import FileRefused
from engine.loading.load import FileReport
from engine.loading.quarantine import MAX_BYTES, Quarantine


@dataclass
class RejectedRows:
    """Rejected rows of one part with their cells, as many as a quarantine file holds.

    Attributes:
        rows: As plain values.
        unsent: Rows that are counted and not among them.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    unsent: int = 0
    _bytes: int = 0

    def add(self, bad: Sequence[Rejection], block: Block) -> None:
        """Add rejected rows of a block."""
        for one in block.complete(bad):
            if self._bytes > MAX_BYTES:
                self.unsent += 1
                continue
            plain = {**asdict(one), "comma": block.decimal_comma}
            self._bytes += len(json.dumps(plain))
            self.rows.append(plain)

    def put_into(self, quarantine: Quarantine, part: str) -> None:
        """Write them into a quarantine file, as rows of a part."""
        for plain in self.rows:
            comma = plain.pop("comma")
            one = Rejection(**{**plain, "extra": tuple(plain["extra"])})
            block = Block(pl.DataFrame({"_row": []}), decimal_comma=comma)
            quarantine.add([one], block, part)
        quarantine.unwritten += self.unsent


@dataclass
class PartOutcome:
    """What became of the rows of one part.

    Attributes:
        report: Counts, reasons and notes.
        column: Of the kinds of event.
        kinds: The kinds of its events.
        has_ids: Whether an event brought an id of its own.
        bad: The rejected rows.
        refused: Message, code and hint where the part cannot be used.
    """

    report: FileReport
    column: str = ""
    kinds: list[str] = field(default_factory=list)
    has_ids: bool = False
    bad: RejectedRows = field(default_factory=RejectedRows)
    refused: tuple[str, str, str] | None = None

    def as_text(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> "PartOutcome":
        """Return what ``as_text`` wrote."""
        found = json.loads(text)
        report = FileReport(**found["report"])
        report.notes = ReadingNotes(**found["report"]["notes"])
        return cls(**{**found, "report": report, "bad": RejectedRows(**found["bad"])})

    def refusal(self) -> FileRefused | None:
        """Return why the part cannot be used."""
        if self.refused is None:
            return None
        message, code, hint = self.refused
        return FileRefused(message, code=code, hint=hint)
