"""The newest value of a query's watermark column, as text that gives back its type and value."""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.errors import UsageError

_TYPES: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "int": (int, str, int),
    "float": (float, repr, float),
    "decimal": (Decimal, str, Decimal),
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "text": (str, str, str),
}


def to_text(value: Any) -> str:
    """Return a value of a database as text.

    Raises:
        UsageError: It is of a type by which nobody can ask for newer rows.
    """
    for name, (kind, write, _) in _TYPES.items():
        # A bool is an int and a datetime a date: only the type itself counts.
        if type(value) is kind:
            return json.dumps([name, write(value)])
    raise UsageError(
        f"--watermark names a column of the type {type(value).__name__}",
        hint="name one of times, whole numbers or texts that only grow, such as updated_at",
    )


def from_text(text: str) -> Any:
    """Return the value that ``to_text`` was given."""
    name, written = json.loads(text)
    return _TYPES[name][2](written)
