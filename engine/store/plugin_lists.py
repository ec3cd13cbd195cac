"""Lists that plug-ins add: a Cypher file each, which joins the catalogue as ``plugin/NAME``."""

from dataclasses import dataclass
from pathlib import Path

from engine.plugins import ExtensibleTable

FOLDER = "plugin"


@dataclass(frozen=True)
class ListQuery:
    """A list, the name of which is the entry point's.

    The file has the header of the catalogue (``cypher/README.md``), asks for the part
    ``part/best``, which leaves out what may not be shown, and returns one row with its columns.

    Attributes:
        query: The file.
        summary: What it lists, one line.
        needs_user: Whether it is made for somebody.
    """

    query: Path
    summary: str
    needs_user: bool = True


def is_list(value: object) -> bool:
    """Tell whether an entry point holds a list."""
    return isinstance(value, ListQuery)


PLUGIN_LISTS: ExtensibleTable[ListQuery] = ExtensibleTable("engine.lists", {}, is_list)
