"""Ids of users and items: text, or whole numbers where the data has numbers."""

from collections.abc import Iterable
from numbers import Integral
from typing import TypeAlias

from engine.errors import UsageError

Identifier: TypeAlias = str | int
"""What names a user or an item; 7 is the id ``"7"``, as a column of whole numbers is loaded."""


def id_text(name: str, value: object) -> str:
    """Return an id as the graph has it.

    Args:
        name: Of the parameter, for the error.
        value: The id.

    Raises:
        UsageError: It is neither text nor a whole number.
    """
    if isinstance(value, str):
        return value
    # A frame's numbers are of numpy's types; True is a number to Python and no id to anybody.
    if not isinstance(value, bool) and isinstance(value, Integral):
        return str(int(value))
    raise UsageError(
        f"{name} must be text or a whole number, not {value!r}",
        hint="ids are those of your files, as text",
    )


def id_texts(name: str, values: Iterable[object]) -> list[str]:
    """Return ids as the graph has them; see ``id_text``."""
    return [id_text(name, value) for value in values]
