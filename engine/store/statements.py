"""The Cypher catalogue: parse ``cypher/**/*.cypher``, check headers, fill identifier slots.

This is the one place where Cypher text becomes a driver query. A statement's name is its path under
``cypher/`` without the suffix: ``recommend/by_vector``.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from neo4j import Query

from engine.errors import EngineError, StoreError
from engine.resources import cypher_dir
from engine.store import plugin_lists, slots, statement_parts
from engine.store.parameters import Parameter, arguments, declared
from engine.store.slots import Slot
from engine.store.statement_parts import StatementPart

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
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
ONE_PARAMETER = "params"
_PARAMETER = re.compile(r"\$(?P<name>[a-z_]+)\b")
_FIELD = re.compile(
    r"^// (purpose|mode|params|columns|idents|dialect|needs|complexity|source|given|gives): (.+)$"
)
_LOOKS_LIKE_A_FIELD = re.compile(r"^// (?!part: )[a-z]+: ")
_CONTINUATION = re.compile(r"^//   (.+)$")


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
        text = self.text
        for name, value in given.items():
            text = self.slots[name].fill(text, self.slots[name].check(self.name, value))
        return text

    def one_parameter_query(self, idents: Mapping[str, str] | None = None) -> Query:
        """Return the driver's query with every parameter read from one map, ``$params``.

        A server keeps a plan for each combination of its parameters' types, and counts whether a
        text or a list is short or long as a type. A map has one type, whatever it holds.
        """
        return Query(_PARAMETER.sub(rf"${ONE_PARAMETER}.\g<name>", self.filled(idents)))


def parse(
    name: str, text: str, parts: Mapping[str, StatementPart] | None = None, dialect: str = ""
) -> Statement:
    """Parse one file; the grammar is in ``cypher/README.md``.

    Args:
        name: Of the statement.
        text: Of the file.
        parts: By name, for the lines that ask for one.
        dialect: Which siblings of the parts are put in.

    Raises:
        StoreError: The header is incomplete or a line of it is not understood.
    """
    header, body = _header(name, text)
    composed = statement_parts.compose(name, body, parts or {}, dialect)
    for part in composed.parts:
        if "columns" in part.header:
            header.setdefault("columns", part.header["columns"])
    if header.get("needs", "gds") != "gds":
        raise StoreError(f"{name}: unknown value of needs: {header['needs']}")
    missing = {"purpose", "mode", "params", "columns"} - set(header)
    if missing or header["mode"] not in MODES:
        raise StoreError(f"{name}: header lacks {sorted(missing) or 'a mode of ' + str(MODES)}")
    fields = [header, *(part.header for part in composed.parts)]
    return Statement(
        name=name,
        purpose=header["purpose"],
        mode=header["mode"],
        params=_joined(declared(name, one["params"]) for one in fields),
        columns=_typed(name, header["columns"]),
        slots=_joined(slots.declared(name, one.get("idents", "none")) for one in fields),
        dialect=header.get("dialect", "25" if dialect else None),
        needs=header.get("needs"),
        complexity=header.get("complexity"),
        source=header.get("source"),
        text=text[: len(text) - len(body)] + ("CYPHER 25\n" if dialect else "") + composed.text,
    )


def _header(name: str, text: str) -> tuple[dict[str, str], str]:
    """Return the fields of a file's header, and the text after it."""
    header: dict[str, str] = {}
    field, read = "", 0
    for line in text.splitlines(keepends=True):
        shown = line.rstrip("\n")
        if not shown.startswith("//"):
            break
        if found := _FIELD.match(shown):
            field = found.group(1)
            header[field] = found.group(2).strip()
        elif (more := _CONTINUATION.match(shown)) and field:
            header[field] += " " + more.group(1).strip()
        elif _LOOKS_LIKE_A_FIELD.match(shown) or not header:
            raise StoreError(f"{name}: header line not understood: {shown!r}")
        else:
            break  # a comment about the query itself
        read += len(line)
    return header, text[read:]


def _joined(many: Iterable[Mapping[str, T]]) -> dict[str, T]:
    """Return all of them in one; the first to name something says how it is."""
    found: dict[str, T] = {}
    for one in many:
        found = dict(one) | found
    return found


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
    texts = {
        path.relative_to(root).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*.cypher"))
    }
    parts = {
        name: StatementPart(*_header(name, text))
        for name, text in texts.items()
        if name.startswith(f"{statement_parts.FOLDER}/")
    }
    found: dict[str, Statement] = {}
    for name, text in texts.items():
        if name in parts:
            continue
        found[name] = parse(name, text, parts)
        for dialect in statement_parts.dialects(text, parts):
            sibling = f"{name}__{dialect}"
            found[sibling] = parse(sibling, text, parts, dialect)
    return found | _of_plugins(parts)


def _of_plugins(parts: Mapping[str, StatementPart]) -> dict[str, Statement]:
    """Return the lists of plug-ins; one whose file cannot be used is named and left out."""
    found: dict[str, Statement] = {}
    for name, one in plugin_lists.PLUGIN_LISTS.items():
        full = f"{plugin_lists.FOLDER}/{name}"
        try:
            made = parse(full, one.query.read_text(encoding="utf-8"), parts)
            if made.mode != "read" or "items" not in made.columns:
                raise StoreError(f"{full} must read, and have the columns of part/best")
        except (OSError, UnicodeDecodeError, EngineError) as error:
            _LOG.warning("the list %s of a plug-in is left out: %s", name, error)
        else:
            found[full] = made
    return found


def statement(name: str, *, cypher25: bool, idents: Mapping[str, str] | None = None) -> Statement:
    """Return the statement, or its most particular sibling that the server understands.

    A sibling with slots of its own (the name of an index) is taken where they can be filled.

    Raises:
        StoreError: No such file.
    """
    known = catalogue()
    plain = known.get(name)
    if plain is None:
        raise StoreError(f"no Cypher statement named {name}", hint="engine query list")
    if not cypher25:
        return plain
    siblings = [one for key, one in known.items() if key.startswith(f"{name}__")]
    fitting = [one for one in siblings if set(one.slots) <= set(plain.slots) | set(idents or {})]
    return max(fitting, key=lambda one: len(one.slots), default=plain)
