"""Files that a reader sees whole: the old one or the new one."""

import os
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Write text beside its place and move it there; folders are made.

    Raises:
        OSError: The place cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
