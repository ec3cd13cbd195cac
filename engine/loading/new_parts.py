"""The part files of a growing folder that were not loaded yet, or have changed since.

A part is known by its name, and is the same as long as its size and its time of change are; where
these differ its content decides. Options that read it otherwise make every part a new one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine.data.reading.read_options import ReadOptions
from engine.graph.source_positions import SourcePosition
from engine.loading import source_files
from engine.loading.load_source import LoadSource
from engine.loading.source_files import Part


def position_source(folder: Path, reading: ReadOptions) -> str:
    """Return what identifies a folder that is read again, in the same way, for its new parts."""
    asked = f"{folder.resolve()} {reading!r}".encode("utf-8", "backslashreplace")
    return f"folder {hashlib.sha256(asked).hexdigest()}"


def new_parts(folder: Path, reading: ReadOptions, before: Mapping[str, str]) -> LoadSource:
    """Return the parts that are to be read.

    Args:
        folder: Of part files.
        reading: How they are read.
        before: Part -> what it was when it was loaded.

    Raises:
        FileRefused: It is no folder of part files, is still being written, or cannot be read.
    """
    source = source_files.find(folder)
    wanted: list[Part] = []
    after: dict[str, str] = {}
    for part in source.parts:
        name = part.name.encode("utf-8", "backslashreplace").decode()
        seen, _, digest = before.get(name, "").rpartition(" ")
        now = "{} {}".format(*source_files.size_and_time(part))
        if seen == now:
            continue
        found = source_files.digest(part)
        after[name] = f"{now} {found}"
        if found != digest:
            wanted.append(part)
    position = SourcePosition(position_source(folder, reading), str(folder), before, after)
    return LoadSource(
        replace(source, parts=tuple(wanted)),
        str(folder),
        position if after else None,
        len(source.parts) - len(wanted),
    )
