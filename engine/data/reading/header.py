"""Names of columns: without a mark or a type, every one different, also where a file gives none."""

import re
from collections import Counter
from collections.abc import Sequence

_TYPED = re.compile(r"^(?P<name>.+):(?P<type>token|token_seq|float|float_seq)$")
_PLACE = re.compile(r"^(?P<name>.*) \(column \d+\)$", re.S)
_UNNAMED = re.compile(r"^(?:column (?:\d+'*|without a name)|Unnamed: \d+|)$")


def distinct_names(header: Sequence[str]) -> list[str]:
    """Return the columns' names, one for each and all different.

    An empty name (pandas writes its index so, and so does a trailing delimiter) becomes ``column
    3``; a name that stands twice becomes ``price (column 4)`` and ``price (column 7)``.
    """
    names = [safe_name(name.strip()) if name.strip() else "" for name in header]
    counts = Counter(names)
    taken = set(names)
    found = []
    for place, name in enumerate(names, start=1):
        if name and counts[name] == 1:
            found.append(name)
            continue
        own = f"{name} (column {place})" if name else f"column {place}"
        while own in taken:
            own += "'"
        taken.add(own)
        found.append(own)
    return found


def safe_name(name: str) -> str:
    """Return a name that a data frame does not take for a pattern of names."""
    if not name:
        return "column without a name"
    pattern = name == "*" or (name.startswith("^") and name.endswith("$"))
    return f"column {name!r}" if pattern else name


def bare_name(column: str) -> str:
    """Return a column's name without RecBole's type, byte order mark and number of the column."""
    column = column.removeprefix("\ufeff").strip()
    placed = _PLACE.match(column)
    column = placed.group("name") if placed else column
    typed = _TYPED.match(column)
    return typed.group("name") if typed else column


def is_unnamed(column: str) -> bool:
    """Return whether the file gives the column no name; ``Unnamed: 0`` is pandas' word for it."""
    return _UNNAMED.match(column) is not None


def is_sequence(column: str) -> bool:
    """Return whether RecBole's type says that the cells are lists, separated by blanks."""
    typed = _TYPED.match(column.strip())
    return typed is not None and typed.group("type").endswith("_seq")
