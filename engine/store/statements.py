"""The Cypher catalogue: parse ``cypher/**/*.cypher``, check headers, fill identifier slots.

This is the one place where Cypher text becomes a driver query. A statement's name is its path under
``cypher/`` without the suffix: ``recommend/by_vector``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from neo4j import Query

from engine.errors import StoreError
from engine.resources import cypher_dir
from engine.store import slots
from engine.store.parameters import Parameter, arguments, declared
from engine.store.slots import Slot

MODES = ("read", "write", "schema")
METHODS = (
    "knowledge",
    "neighbours",
    "people",
    "rank",
    "sample",
    "similar",
    "similarity",
    "walk",
)
"""Folders whose files are methods for people to run (``engine query``), not parts of a command."""
_FIELD = re.compile(
    r"^// (purpose|mode|params|columns|idents|dialect|needs|complexity|source): (.+)$"
)
_LOOKS_LIKE_A_FIELD = re.compile(r"^// [a-z]+: ")
_CONTINUATION = re.compile(r"^//   (.+)$")
_SLOT = re.compile(r"`\$([a-z_]+)`")


@dataclass(frozen=True)
class Statement:
    """One Cypher file.

    Attributes:
        name: Path under ``cypher/`` without suffix, such as ``ingest/create_events``.
        purpose: One sentence.
        mode: ``read``, ``write`` or ``schema``.
        params: Name to parameter: type, default, range.
        columns: Result column name to type.
        slots: Name to identifier slot, written `` `$slot` `` in the text.
        dialect: ``5``, ``25`` or None where both understand the text.
        needs: ``gds`` where the server must have that plugin, or None.
        complexity: What a run costs, or None.
        source: Paper and section the method comes from, or None.
        text: The whole file, header included: comments cost nothing and show up in query logs.
    """

    name: str
    purpose: str
    mode: str
    params: Mapping[str, Parameter]
    columns: Mapping[str, str]
    slots: Mapping[str, Slot]
    dialect: str | None
    needs: str | None
    complexity: str | None
    source: str | None
    text: str

    @property
    def folder(self) -> str:
        """The folder of the file, such as ``ingest``."""
        return self.name.split("/", maxsplit=1)[0]

    @property
    def idents(self) -> tuple[str, ...]:
        """Names of the identifier slots."""
        return tuple(sorted(self.slots))

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return a value for every parameter: the given one, checked, or the default.

        Raises:
            UsageError: A name is unknown, a value is missing or not allowed.
        """
        return arguments(self.name, self.params, given)

    def query(self, idents: Mapping[str, str] | None = None, timeout: float | None = None) -> Query:
        """Return the driver's query with every identifier slot filled.

        Raises:
            StoreError: A slot is unfilled or unknown, or a value is not a plain identifier.
        """
        return Query(self.filled(idents), timeout=timeout)

    def filled(self, idents: Mapping[str, str] | None = None) -> str:
        """Return the text with every identifier slot filled, by its default where none is given.

        Raises:
            StoreError: A slot is unfilled or unknown, or a value is not a plain identifier.
        """
        usual = {name: slot.default for name, slot in self.slots.items() if slot.default}
        given = usual | dict(idents or {})
        if set(given) != set(self.slots):
            raise StoreError(f"{self.name} has slots {list(self.idents)}, got {sorted(given)}")
        for name, value in given.items():
            self.slots[name].check(self.name, value)
        return _SLOT.sub(lambda match: f"`{given[match.group(1)]}`", self.text)


def parse(name: str, text: str) -> Statement:
    """Parse one file; the grammar is in ``cypher/README.md``.

    Raises:
        StoreError: The header is incomplete or a line of it is not understood.
    """
    header: dict[str, str] = {}
    field = ""
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        if found := _FIELD.match(line):
            field = found.group(1)
            header[field] = found.group(2).strip()
        elif (more := _CONTINUATION.match(line)) and field:
            header[field] += " " + more.group(1).strip()
        elif _LOOKS_LIKE_A_FIELD.match(line) or not header:
            raise StoreError(f"{name}: header line not understood: {line!r}")
        else:
            break  # a comment about the query itself
    if header.get("needs", "gds") != "gds":
        raise StoreError(f"{name}: needs what is not known: {header['needs']}")
    missing = {"purpose", "mode", "params", "columns"} - set(header)
    if missing or header["mode"] not in MODES:
        raise StoreError(f"{name}: header lacks {sorted(missing) or 'a mode of ' + str(MODES)}")
    return Statement(
        name=name,
        purpose=header["purpose"],
        mode=header["mode"],
        params=declared(name, header["params"]),
        columns=_typed(name, header["columns"]),
        slots=slots.declared(name, header.get("idents", "none")),
        dialect=header.get("dialect"),
        needs=header.get("needs"),
        complexity=header.get("complexity"),
        source=header.get("source"),
        text=text,
    )


def _typed(name: str, field: str) -> dict[str, str]:
    if field == "none":
        return {}
    result: dict[str, str] = {}
    # A type may hold commas (MAP<a, b>), so only split where a new "name:" begins.
    for part in re.split(r",\s*(?=[a-z_A-Z]\w*(?::|,|$))", field):
        key, _, kind = part.partition(":")
        if not re.fullmatch(r"\w+", key.strip()):
            raise StoreError(f"{name}: header entry not understood: {part!r}")
        result[key.strip()] = kind.strip()
    return result


@cache
def catalogue() -> Mapping[str, Statement]:
    """Return every statement by name, dialect siblings (``name__cypher25``) included."""
    root = cypher_dir()
    found: dict[str, Statement] = {}
    for path in sorted(root.rglob("*.cypher")):
        name = path.relative_to(root).with_suffix("").as_posix()
        found[name] = parse(name, Path(path).read_text(encoding="utf-8"))
    return found


def statement(name: str, *, cypher25: bool) -> Statement:
    """Return the statement, the Cypher 25 sibling first where the server speaks it.

    Raises:
        StoreError: No such file.
    """
    known = catalogue()
    if cypher25 and (newer := known.get(f"{name}__cypher25")):
        return newer
    if (found := known.get(name)) is None:
        raise StoreError(f"no Cypher statement named {name}", hint="engine query list")
    return found
