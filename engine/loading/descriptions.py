"""Judge what clients say of users and items, by the rules that judge files of them.

Rows that have the same names are judged together, as one file: so a row means the same whatever
stands beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import polars as pl

from engine.data import attributes, facts
from engine.data.attributes import AttributeRow, SeenAttributes
from engine.data.description import Description
from engine.data.entity_kinds import OwnFact
from engine.data.reading import columns
from engine.data.reading.block import Block
from engine.data.reading.columns import AttributeColumns
from engine.data.reading.header import bare_name, safe_name
from engine.data.reading.line_formats import text_of
from engine.data.reading.rejection import Rejection
from engine.data.snake_case import snake_case
from engine.data.tombstone import ForgettableKind
from engine.data.vector_columns import VectorColumns

Document = Mapping[str, Any]
"""``id`` and what is said of it, values as ``line_formats.decode`` returns them.

``attributes`` is name to value, ``facts`` a list of ``{relation, tail, tail_type}``; of an item
``hidden`` and ``expires_at`` stand beside them. A value that is None is to be removed.
"""

FLAGS = ("hidden", "expires_at")
# No id can be one of these, so no row repeats the names of its columns.
_ID = "\x01id"
_FACT = {name: f"\x01{name}" for name in ("head", "head_type", "relation", "tail", "tail_type")}
_UNTYPED = "Thing"


@dataclass(frozen=True)
class Refusal:
    """What is wrong with a row.

    Attributes:
        row: Its place in the request, from 0.
        where: The names and places that lead to the value, inside the row.
        code: A key of ``rejection.CODES``.
        reason: The value, the rule and the remedy.
    """

    row: int
    where: tuple[str | int, ...]
    code: str
    reason: str


@dataclass(frozen=True)
class JudgedDescriptions:
    """What a request says; with ``bad`` nothing of it may be written.

    Attributes:
        duplicate: Rows that say again what another one of the request says.
    """

    descriptions: tuple[Description, ...]
    duplicate: int
    bad: tuple[Refusal, ...]


def attribute_names(documents: Sequence[Document]) -> frozenset[str]:
    """Return the attributes that get a value: each may be a vector in the graph."""
    return frozenset(
        snake_case(bare_name(name))
        for one in documents
        for name, value in one.get("attributes", {}).items()
        if value is not None
    )


def judge(
    kind: ForgettableKind, documents: Sequence[Document], widths: Mapping[str, int]
) -> JudgedDescriptions:
    """Return what each document says, and what is wrong with those that cannot be taken.

    Args:
        kind: What they are of.
        documents: In the order of the request.
        widths: Attributes that are vectors in the graph, and how long they are.
    """
    rows = [AttributeRow(row, str(one["id"]), one) for row, one in enumerate(documents)]
    new, contrary = SeenAttributes().new_rows(rows)
    bad = [_refusal(one, ("id",)) for one in contrary]
    first = [_Row(one.row, documents[one.row]) for one in new]
    by_names: dict[tuple[str, ...], list[_Row]] = {}
    for one in first:
        by_names.setdefault(tuple(_said(one.document)), []).append(one)
    described: dict[int, Description] = {}
    for alike in by_names.values():
        group = _Group(kind, alike, widths)
        described |= group.described
        bad += group.bad
    own, bad_facts = _facts(kind, first)
    found = [replace(one, facts=own.get(row)) for row, one in sorted(described.items())]
    bad += [*bad_facts, *_unlike(described, widths)]
    return JudgedDescriptions(
        tuple(found), len(rows) - len(first) - len(contrary), tuple(sorted(bad, key=_place))
    )


class _Row(NamedTuple):
    number: int
    document: Document

    @property
    def id(self) -> str:
        return str(self.document["id"])


class _Group:
    """Rows that have the same names, and what became of them."""

    def __init__(
        self, kind: ForgettableKind, rows: Sequence[_Row], widths: Mapping[str, int]
    ) -> None:
        self._rows, self._widths = rows, widths
        self._own_name = {safe_name(name): name for name in _said(rows[0].document)}
        self._columns = self._assigned()
        self.bad = [*self._misnamed(kind)]
        self.described: dict[int, Description] = {}
        if not self.bad:
            self._judge()

    def _assigned(self) -> AttributeColumns:
        return columns.attributes([_ID, *self._own_name], _ID, {})

    def _misnamed(self, kind: ForgettableKind) -> Iterator[Refusal]:
        for column, name in self._own_name.items():
            within = name in self._rows[0].document.get("attributes", {})
            flag = kind == "item" and within and snake_case(bare_name(name)) in FLAGS
            if flag or name.startswith("_") or column in self._columns.left_out:
                for one in self._rows:
                    refused = _refusal(
                        Rejection(one.number, "attribute-name", name), ("attributes", name)
                    )
                    beside = f"{name}: is no attribute; it stands beside attributes, not in them"
                    yield replace(refused, reason=beside) if flag else refused

    def _judge(self) -> None:
        said = [_said(one.document) for one in self._rows]
        cells = {
            column: [text_of(one[name]) for one in said] for column, name in self._own_name.items()
        }
        frame = pl.DataFrame(
            {_ID: [one.id for one in self._rows], **cells},
            dict.fromkeys((_ID, *cells), pl.String),
        ).with_columns(_row=pl.Series([one.number for one in self._rows], dtype=pl.Int64))
        targets = self._columns.targets
        known = {targets[name]: width for name, width in self._widths.items() if name in targets}
        good, bad = attributes.validate(Block(frame), _ID, targets, VectorColumns(known))
        self.bad += [self._placed(one) for one in bad]
        removed = {
            one.number: frozenset(
                name for name, column in targets.items() if row[self._own_name[column]] is None
            )
            for one, row in zip(self._rows, said, strict=True)
        }
        for row in good:
            plain, vectors = attributes.vectors_apart(row.attributes)
            self.described[row.row] = Description(row.id, plain, vectors, removed[row.row])

    def _placed(self, one: Rejection) -> Refusal:
        if one.detail == _ID:
            return _refusal(replace(one, detail="id"), ("id",))
        name = self._own_name[self._columns.targets[one.detail]]
        beside = name in FLAGS and name in self._rows[0].document
        return _refusal(one, (name,) if beside else ("attributes", name))


def _said(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return name to value of the attributes and the flags, in the order of their names."""
    flags = {name: document[name] for name in FLAGS if name in document}
    return dict(sorted({**document.get("attributes", {}), **flags}.items()))


def _facts(
    kind: ForgettableKind, rows: Sequence[_Row]
) -> tuple[dict[int, dict[OwnFact, int]], list[Refusal]]:
    """Return the facts of each row that says anything about them, with their keys."""
    own: dict[int, dict[OwnFact, int]] = {}
    places: list[tuple[int, int]] = []
    cells: list[tuple[str | None, ...]] = []
    for one in rows:
        given = one.document.get("facts")
        if given is None:
            continue
        own[one.number] = {}
        for place, fact in enumerate(given):
            places.append((one.number, place))
            tail_type = fact.get("tail_type") or _UNTYPED
            cells.append((one.id, kind.title(), fact["relation"], fact["tail"], tail_type))
    if not places:
        return own, []
    frame = pl.DataFrame(cells, dict.fromkeys(_FACT.values(), pl.String), orient="row")
    numbered = frame.with_columns(_row=pl.Series(range(len(places)), dtype=pl.Int64))
    good, bad = facts.validate(Block(numbered), _FACT, {})
    for number, relation, tail, tail_type, key in good.select(
        "row", "relation", "tail", "tail_type", "key"
    ).iter_rows():
        own[places[number][0]][OwnFact(relation, tail_type, tail)] = key
    refused = []
    for fault in bad:
        row, place = places[fault.row]
        refused.append(_refusal(replace(fault, row=row), ("facts", place, fault.detail)))
    return own, refused


def _unlike(described: Mapping[int, Description], widths: Mapping[str, int]) -> Iterator[Refusal]:
    """Yield a refusal for what is not like the vectors of its name: the graph's, or the first."""
    first = dict(widths)
    for row, one in sorted(described.items()):
        for name, vector in one.vectors.items():
            if first.setdefault(name, len(vector)) != len(vector):
                shown = f"{len(vector)} numbers instead of {first[name]}"
                fault = Rejection(row, "vector-length", name, value=shown)
                yield _refusal(fault, ("attributes", name))
    for row, one in described.items():
        for name in sorted(first.keys() & one.attributes.keys()):
            fault = Rejection(row, "vector-type", name, value=str(one.attributes[name]))
            yield _refusal(fault, ("attributes", name))


def _refusal(one: Rejection, where: tuple[str | int, ...]) -> Refusal:
    return Refusal(one.row, where, one.code, one.reason)


def _place(one: Refusal) -> int:
    return one.row
