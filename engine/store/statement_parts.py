"""Parts: pieces of Cypher that several statements share, a file each (``cypher/part``).

The exclusion rule, the index look-up and the description of a list would otherwise stand in every
list, word for word. A line ``// part: part/NAME`` in the text of a statement is replaced by that
file without its header, indented alike; the header's parameters and slots join the statement's.
A part may hold parts. It is no statement: it says by ``given`` which variables must be there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import StoreError

FOLDER = "part"
_LINE = re.compile(r"^(?P<indent> *)// part: (?P<name>[a-z_]+/[a-z_]+)$", re.MULTILINE)
_MOST_NESTED = 5


@dataclass(frozen=True)
class StatementPart:
    """One file of ``cypher/part``.

    Attributes:
        header: Field to text, as in a statement: ``purpose``, ``given``, ``params``, ``columns``,
            ``idents``.
        text: Without the header.
    """

    header: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class Composed:
    """A statement's text with its parts in place.

    Attributes:
        parts: Every part used, in the order of the text.
    """

    text: str
    parts: tuple[StatementPart, ...]


def dialects(text: str, parts: Mapping[str, StatementPart]) -> list[str]:
    """Return the suffixes of the dialect siblings of a text's parts, such as ``cypher25``."""
    found: set[str] = set()
    for used in _LINE.finditer(text):
        name = used["name"]
        prefix = f"{name}__"
        found |= {one.removeprefix(prefix) for one in parts if one.startswith(prefix)}
        if name in parts:
            found |= set(dialects(parts[name].text, parts))
    return sorted(found)


def compose(
    statement: str, text: str, parts: Mapping[str, StatementPart], dialect: str = ""
) -> Composed:
    """Return the text with every part in place, the siblings of ``dialect`` where there are some.

    Raises:
        StoreError: There is no such part, or parts include each other.
    """
    used: list[StatementPart] = []

    def put(match: re.Match[str]) -> str:
        name = match["name"]
        part = parts.get(f"{name}__{dialect}") or parts.get(name)
        if part is None:
            raise StoreError(f"{statement}: there is no part {name}")
        used.append(part)
        lines = part.text.rstrip("\n").split("\n")
        return "\n".join(match["indent"] + line if line else "" for line in lines)

    for _ in range(_MOST_NESTED):
        if not _LINE.search(text):
            return Composed(text, tuple(used))
        text = _LINE.sub(put, text)
    raise StoreError(f"{statement}: parts include each other")
