"""The Cypher catalogue as a product: list the files, show one, run one.

A value comes as text from a command line, or as itself from a program; either is checked against
the file's header before the server sees it.
"""

import difflib
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

from engine.data.tabular import Tabular
from engine.errors import NotFound, UsageError
from engine.graph.name_checks import check_ids, check_names
from engine.store.graph_client import GraphClient, Row, ServerInfo
from engine.store.parameters import REQUIRED, Parameter
from engine.store.statements import METHODS, Statement, catalogue, statement

_SIBLING = "__cypher"
_KINDS_OF_THE_GRAPH = ("label", "relation", "property")


@dataclass(frozen=True)
class QueryResult(Tabular):
    """What a query returned.

    Attributes:
        columns: In the order of the file's header.
        rows: At most as many as were asked for.
        more: Whether rows were left out.
    """

    columns: tuple[str, ...]
    rows: list[Row]
    more: bool

    def to_dicts(self) -> list[Row]:
        """Return the rows."""
        return self.rows


@dataclass(frozen=True)
class FilledQuery:
    """The names and values that go into a statement.

    Attributes:
        slots: Slot to name; a slot without one has none here.
        values: Parameter to value; a required one without a value has none here.
    """

    slots: dict[str, str]
    values: dict[str, Any]


def queries(*, everything: bool = False) -> list[Statement]:
    """Return the methods, or every file of the catalogue, by name."""
    return [
        one
        for name, one in sorted(catalogue().items())
        if _SIBLING not in name and (everything or one.folder in METHODS)
    ]


def find(name: str) -> Statement:
    """Return a statement by name; the last part is enough where one file alone has it.

    Raises:
        NotFound: No such file; the hint names those that sound like it.
    """
    known = {one.name: one for one in queries(everything=True)}
    if name in known:
        return known[name]
    ends = [full for full in known if full.endswith(f"/{name}")]
    if len(ends) == 1:
        return known[ends[0]]
    near = ends or difflib.get_close_matches(name, known, n=3)
    message = "did you mean " + " or ".join(near) + "?" if near else "engine query list --all"
    raise NotFound(f"there is no query {name!r}", hint=message)


def fill(one: Statement, given: Mapping[str, Any]) -> FilledQuery:
    """Sort what is given into slots and parameters, and check each value; defaults are added.

    Raises:
        UsageError: A name is unknown, or a value is not what the header allows.
    """
    if unknown := sorted(set(given) - set(one.params) - set(one.slots)):
        known = ", ".join([*one.params, *one.slots]) or "none"
        raise UsageError(f"{one.name} has no parameter {unknown[0]}", hint=f"it has: {known}")
    slots = {name: slot.default for name, slot in one.slots.items() if slot.default}
    slots |= {name: str(value) for name, value in given.items() if name in one.slots}
    values = {}
    for name, parameter in one.params.items():
        if name in given:
            value = given[name]
            values[name] = (
                parameter.read(value) if isinstance(value, str) else parameter.check(value)
            )
        elif parameter.default is not REQUIRED:
            values[name] = parameter.default
    return FilledQuery(slots, values)


def check(name: str, given: Mapping[str, Any], *, write: bool = False) -> Statement:
    """Return a query once everything is checked that needs no server.

    Raises:
        NotFound: There is no such query.
        UsageError: A value is missing, unknown or not allowed; the file changes the schema, or
            writes and may not.
    """
    one = find(name)
    if one.mode == "schema":
        raise UsageError(
            f"{one.name} changes the schema, which no query may", hint="engine migrate"
        )
    if one.mode == "write" and not write:
        raise UsageError(f"{one.name} writes to the graph", hint="add --write if that is meant")
    _need_all(one, fill(one, given))
    return one


def check_needs(one: Statement, server: ServerInfo) -> None:
    """Refuse a query that the server cannot run.

    Raises:
        UsageError: The file needs the Graph Data Science plugin, and there is none.
    """
    if one.needs == "gds" and server.gds is None:
        raise UsageError(
            f"{one.name} needs the Graph Data Science plugin, which this server lacks",
            hint="the engine's own server has it; engine query list shows which queries need it",
        )


def run(
    client: GraphClient, name: str, given: Mapping[str, Any], *, limit: int | None = None
) -> QueryResult:
    """Run a query that ``check`` has let through.

    Args:
        client: Where.
        name: As ``engine query list`` shows it.
        given: Parameters and slots.
        limit: Rows to return at most; None means all.

    Raises:
        NotFound: There is no such query, or no node of an id.
        UsageError: A value is missing, unknown or not allowed; the server lacks what the file
            needs.
    """
    one = statement(find(name).name, cypher25=client.server.cypher25)
    check_needs(one, client.server)
    filled = fill(one, given)
    _need_all(one, filled)
    for kind in _KINDS_OF_THE_GRAPH:
        names = {slot: name for slot, name in filled.slots.items() if one.slots[slot].kind == kind}
        if kind == "property" and one.mode == "write":
            _check_written(one, names)
        elif names:
            check_names(client, kind, names)
    for parameter in one.params.values():
        if parameter.label is not None:
            _must_exist(client, parameter, filled)
    plain = one.name.split(_SIBLING, maxsplit=1)[0]
    if one.mode == "write":
        found = client.write(plain, filled.slots, **filled.values)
        return QueryResult(
            tuple(one.columns), found[:limit], limit is not None and len(found) > limit
        )
    with closing(client.stream(plain, filled.slots, **filled.values)) as rows:
        kept = list(islice(rows, limit))
        return QueryResult(tuple(one.columns), kept, next(rows, None) is not None)


def describe(one: Statement, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything about a statement as plain values, ``browser`` ready to be pasted."""
    return {
        "name": one.name,
        "purpose": one.purpose,
        "mode": one.mode,
        "params": [_described(parameter) for parameter in one.params.values()],
        "slots": [
            {"name": slot.name, "kind": slot.kind, "default": slot.default}
            for slot in one.slots.values()
        ],
        "columns": dict(one.columns),
        "needs": one.needs,
        "complexity": one.complexity,
        "source": one.source,
        "browser": for_browser(one, given),
    }


def for_browser(one: Statement, given: Mapping[str, Any]) -> str:
    """Return the text with its slots filled, below the ``:param`` lines of Neo4j Browser.

    Raises:
        UsageError: As ``fill`` says.
    """
    filled = fill(one, given)
    text = one.text
    if set(filled.slots) == set(one.slots):
        text = one.filled(filled.slots)
    lines = [f":param {name} => {_literal(filled.values.get(name))}" for name in one.params]
    return "\n".join([*lines, text])


def _need_all(one: Statement, filled: FilledQuery) -> None:
    for name, slot in one.slots.items():
        if name not in filled.slots:
            raise UsageError(
                f"{one.name} needs parameter {name}: the name of a {slot.kind}",
                hint=f"add --param {name}=…",
            )
    one.arguments(filled.values)


def _must_exist(client: GraphClient, parameter: Parameter, filled: FilledQuery) -> None:
    """Refuse ids that no node has."""
    value = filled.values[parameter.name]
    ids: Sequence[Any] = value if isinstance(value, list) else [] if value is None else [value]
    label = str(parameter.label)
    label = filled.slots.get(label, label)
    check_ids(client, parameter.name, label, ids)


def _check_written(one: Statement, names: Mapping[str, str]) -> None:
    """Let a write use the property its header names, which may be new, or one derived from it."""
    for slot, name in names.items():
        usual = one.slots[slot].default
        if usual is None or not (name == usual or name.startswith(f"{usual}_")):
            raise UsageError(
                f"parameter {slot}: {one.name} may not write {name!r}",
                hint=f"use {usual}, or a name that begins with {usual}_" if usual else "",
            )


def _described(parameter: Parameter) -> dict[str, Any]:
    required = parameter.default is REQUIRED
    return {
        "name": parameter.name,
        "type": parameter.kind,
        "of": parameter.label,
        "required": required,
        "default": None if required else parameter.default,
        "low": parameter.low,
        "high": parameter.high,
    }


def _literal(value: Any) -> str:
    """Return a value as Cypher writes it: JSON, but for the keys of maps."""
    if isinstance(value, Mapping):
        inner = ", ".join(
            f"`{key.replace('`', '``')}`: {_literal(one)}" for key, one in value.items()
        )
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(_literal(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False)
