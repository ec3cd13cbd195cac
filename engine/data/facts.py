"""Knowledge-graph facts: what makes a row a fact, and which names may become types and labels.

May import: ``columns``, ``events``, ``rejection``, ``table_reader``, polars.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from engine.data.events import MAX_ID_BYTES, hash64
from engine.data.rejection import Rejection
from engine.data.table_reader import Block

_TYPE = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")
_RELATION = re.compile(r"[A-Z][A-Z0-9_]{0,62}")
_RESERVED_TYPES = frozenset({"Entity", "Batch", "Serving", "Generation", "Sequence"})
_RESERVED_RELATIONS = frozenset({"INTERACTED", "USES", "CO_OCCURRED", "FOLLOWED_BY", "SIMILAR"})
_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class EntityKind:
    """One kind of node that a fact can join: ``User``, ``Item`` or a type of entity."""

    name: str

    @property
    def is_entity(self) -> bool:
        """Whether nodes of this kind are knowledge-graph entities."""
        return self.name not in ("User", "Item")

    @property
    def label(self) -> str:
        """Label that carries the uniqueness constraint."""
        return "Entity" if self.is_entity else self.name

    @property
    def key_property(self) -> str:
        """Property that is unique under ``label``."""
        return "key" if self.is_entity else "id"

    def key_of(self, id_: str) -> str:
        """Return the value of ``key_property``: two types may use one id for two things."""
        return f"{self.name}:{id_}" if self.is_entity else id_


def validate(
    block: Block, columns: Mapping[str, str], defaults: Mapping[str, str]
) -> tuple[pl.DataFrame, list[Rejection]]:
    """Return facts ``row, head, head_type, relation, tail, tail_type, key`` and rejected rows.

    Args:
        block: Rows of the file.
        columns: Field -> column.
        defaults: Type of head and tail where the file has no column for it.
    """
    good: list[tuple[int, str, str, str, str, str, int]] = []
    bad = list(block.broken)
    names = ("head", "head_type", "relation", "tail", "tail_type")
    frame = block.frame.select(
        "_row",
        *(
            pl.col(columns[name]).alias(name)
            if name in columns
            else pl.lit(defaults.get(name), dtype=pl.String).alias(name)
            for name in names
        ),
    )
    for row, head, head_type, relation, tail, tail_type in frame.iter_rows():
        cells = (head, head_type, _relation_name(relation or ""), tail, tail_type)
        if fault := _fault(*cells):
            raw = ",".join(cell or "" for cell in (head, head_type, relation, tail, tail_type))
            bad.append(Rejection(row, *fault, raw))
        else:
            good.append((row, *cells, hash64(_SEPARATOR.join(cells))))
    schema = {"row": pl.Int64, **dict.fromkeys(names, pl.String), "key": pl.Int64}
    return pl.DataFrame(good, schema=schema, orient="row"), bad


def _relation_name(raw: str) -> str:
    """Return ``film.producer.film`` as ``FILM_PRODUCER_FILM``."""
    return re.sub(r"[.\-\s/]+", "_", raw.strip()).strip("_").upper()


def _fault(
    head: str | None, head_type: str | None, relation: str, tail: str | None, tail_type: str | None
) -> tuple[str, str] | None:
    for name, value in (("head", head), ("tail", tail)):
        if not value or not value.strip():
            return "required-value", name
        if len(value.encode()) > MAX_ID_BYTES:
            return "too-long", name
    for name, kind in (("head_type", head_type), ("tail_type", tail_type)):
        if kind is None or not _TYPE.fullmatch(kind) or kind in _RESERVED_TYPES:
            return "reserved", name
    if not _RELATION.fullmatch(relation) or relation in _RESERVED_RELATIONS:
        return "reserved", "relation"
    return None
