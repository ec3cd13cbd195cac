"""Take ids out of the texts of ENGINE_HOME: quarantined rows, reports of nights, rows that wait."""

import json
import os
import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from engine import private_files
from engine.data import mentions
from engine.data.tombstone import ForgettableKind

QUARANTINE = "quarantine"
_REPORTS = "retrain"
_BETWEEN = re.compile(rb"[\s,;|\"'{}\[\]:()<>]+")
_LEFT_BY_LOADS = ("staging", "bulk")
# A file that follows names of the kind or ends otherwise is somebody's own, and only looked at.
_OWN_TEXTS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".txt", ".html", ".md", ".log")
_MANAGED = ("neo4j", QUARANTINE, _REPORTS, "checkpoints", "forget", *_LEFT_BY_LOADS)


def quarantined_rows(
    home: Path, kind: ForgettableKind, ids: Collection[str], found: set[str]
) -> Iterator[tuple[str, int]]:
    """Blank the quarantined rows that name some ids; yield each file and how many there were.

    Those that were named are added to ``found``.

    A row is overwritten where it stands, with blanks that a load passes over: a stream that is
    followed at this moment goes on writing to the same file.
    """
    for path in sorted((home / QUARANTINE).glob("*.jsonl")):
        if rows := _blanked(path, kind, set(ids), found):
            yield path.relative_to(home).as_posix(), rows


def _blanked(path: Path, kind: ForgettableKind, ids: set[str], found: set[str]) -> int:
    blanked = 0
    with path.open("r+b") as file:
        start = 0
        while line := file.readline():
            end = file.tell()
            if named := named_by(line, kind, ids):
                found |= named
                file.seek(start)
                file.write(b" " * len(line.rstrip(b"\n")))
                file.seek(end)
                blanked += 1
            start = end
        if blanked:
            file.flush()
            os.fsync(file.fileno())
    return blanked


def named_by(line: bytes, kind: ForgettableKind, ids: Collection[str]) -> frozenset[str]:
    """Return those of some ids that a line of a quarantine file names."""
    try:
        row = json.loads(line)
    except ValueError:  # cut off by a full disk
        return frozenset(id_ for id_ in ids if line.strip() and id_.encode() in line)
    return mentions.named_in(row, kind, ids) if isinstance(row, dict) else frozenset()


def reports(home: Path, ids: Collection[str]) -> Iterator[tuple[str, int]]:
    """Replace mentions of some ids in what nights left; yield each file that changed."""
    for path in sorted((home / _REPORTS).glob("*")):
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="backslashreplace")
        changed = mentions.redacted(text, ids)
        if changed != text:
            private_files.write_text(path, changed)
            yield path.relative_to(home).as_posix(), 1


def left_by_loads(home: Path) -> Iterator[tuple[str, int]]:
    """Remove rows that a killed load left; the caller holds the lock of loads."""
    for name in _LEFT_BY_LOADS:
        files = [path for path in (home / name).rglob("*") if path.is_file()]
        if files:
            shutil.rmtree(home / name, ignore_errors=True)
            yield name, len(files)


def lines_naming(path: Path, ids: Collection[str]) -> int:
    """Return how many lines of a text hold one of some ids as a cell or a word."""
    words = {id_.encode() for id_ in ids}
    # An id with a blank in it is no word, and long enough to be looked for as it is.
    others = [one for one in words if _BETWEEN.search(one)]
    count = 0
    with path.open("rb") as file:
        for line in file:
            count += not words.isdisjoint(_BETWEEN.split(line)) or any(
                one in line for one in others
            )
    return count


def own_files(home: Path, ids: Collection[str]) -> Iterator[tuple[str, int]]:
    """Yield texts that somebody wrote into ENGINE_HOME by ``--out`` and that name some ids."""
    for path in sorted(home.rglob("*")):
        inside = path.relative_to(home)
        if inside.parts[0] in _MANAGED or path.suffix not in _OWN_TEXTS or not path.is_file():
            continue
        if lines := lines_naming(path, ids):
            yield inside.as_posix(), lines


def waiting_files(folder: Path, ids: Collection[str]) -> dict[str, int]:
    """Return the files of a waiting folder, those done included, that name some ids, and lines.

    What is compressed or Parquet is not read: its rows are set aside when they are loaded.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _OWN_TEXTS and (lines := lines_naming(path, ids)):
            found[path.relative_to(folder).as_posix()] = lines
    return found
