"""The Cypher catalogue: parse ``cypher/**/*.cypher``, check headers, fill identifier slots.

This is the one place where Cypher text becomes a driver query. A statement's name is its path under
``cypher/`` without the suffix: ``recommend/by_vector``. May import: ``resources``,
``parameters``, ``errors``.
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
from engine.store.parameters import Parameter, arguments, declared

MODES = ("read", "write", "schema")
_FIELD = re.compile(r"^// (purpose|mode|params|columns|idents|dialect|complexity|source): (.+)$")
_LOOKS_LIKE_A_FIELD = re.compile(r"^// [a-z]+: ")
_CONTINUATION = re.compile(r"^//   (.+)$")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
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
        idents: Names of the identifier slots, written `` `$slot` `` in the text.
        dialect: ``5``, ``25`` or None where both understand the text.
        complexity: What a run costs, or None.
        source: Paper and section the method comes from, or None.
        text: The whole file, header included: comments cost nothing and show up in query logs.
    """

    name: str
    purpose: str
    mode: str
    params: Mapping[str, Parameter]
    columns: Mapping[str, str]
    idents: tuple[str, ...]
    dialect: str | None
    complexity: str | None
    source: str | None
    text: str

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
        given = dict(idents or {})
        if set(given) != set(self.idents):
            raise StoreError(f"{self.name} has slots {list(self.idents)}, got {sorted(given)}")
        for slot, value in given.items():
            if not _IDENTIFIER.fullmatch(value):
                raise StoreError(
                    f"{value!r} cannot be the {slot} of {self.name}",
                    hint="identifiers are letters, digits and _, at most 63 characters",
                )
        text = _SLOT.sub(lambda match: f"`{given[match.group(1)]}`", self.text)
        return Query(text, timeout=timeout)


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
    missing = {"purpose", "mode", "params", "columns"} - set(header)
    if missing or header["mode"] not in MODES:
        raise StoreError(f"{name}: header lacks {sorted(missing) or 'a mode of ' + str(MODES)}")
    return Statement(
        name=name,
        purpose=header["purpose"],
        mode=header["mode"],
        params=declared(name, header["params"]),
        columns=_typed(name, header["columns"]),
        idents=tuple(sorted(_typed(name, header.get("idents", "none")))),
        dialect=header.get("dialect"),
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
        raise StoreError(f"no Cypher statement named {name}", hint="see: engine query list")
    return found
