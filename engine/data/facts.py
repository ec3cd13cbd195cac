"""Knowledge-graph facts: what makes a row a fact, and which names may become types and labels.

A fact is one triple (head, relation, tail) and has a direction: the other way round, or with
another relation, it is another fact. Head and tail may be one node. The same triple again is a
duplicate.
A node is its type and its id, so ``Brand 7`` and ``Item 7`` are two.
"""

from collections.abc import Mapping

import polars as pl

from engine.data.entity_kinds import RESERVED_RELATIONS
from engine.data.hashing import hash64_all
from engine.data.id_rule import id_rules
from engine.data.reading.block import Block, is_nested, repeats_names
from engine.data.reading.rejection import Rejection

_TYPE = r"^[A-Z][A-Za-z0-9]{0,62}$"
_RELATION = r"^[A-Z][A-Z0-9_]{0,62}$"
_RESERVED_TYPES = (
    "Entity",
    "Batch",
    "Serving",
    "Generation",
    "Ranker",
    "Sequence",
    "DerivedGraph",
    "Flip",
    "SourcePosition",
    "ListChange",
    "List",
    "ListSums",
    "Alias",
)
_SEPARATOR = "\x1f"
_NAMES = ("head", "head_type", "relation", "tail", "tail_type")


def validate(
    block: Block,
    columns: Mapping[str, str],
    defaults: Mapping[str, str | None],
    links: pl.DataFrame | None = None,
    *,
    stored: bool = False,
) -> tuple[pl.DataFrame, list[Rejection]]:
    """Return facts ``row, head, head_type, relation, tail, tail_type, key`` and rejected rows.

    Args:
        block: Rows of the file.
        columns: Field -> column.
        defaults: What stands in for a field that has no column.
        links: ``entity_id, item_id``: a head or tail that is one of these is that item, where the
            file names no types.
        stored: Whether they were in a graph (``ReadOptions``).
    """
    frame = block.frame.select(
        pl.col("_row").alias("row"),
        *(
            pl.col(columns[name]).alias(name)
            if name in columns
            else pl.lit(defaults.get(name), dtype=pl.String).alias(name)
            for name in _NAMES
        ),
    )
    for end in ("head", "tail"):
        if links is not None and f"{end}_type" not in columns:
            frame = _linked(frame, end, links)
    # `item` and `film.actor.film` become `Item` and `FILM_ACTOR_FILM`.
    relation = pl.col("relation").str.strip_chars().str.replace_all(r"[.:/\-\s]+", "_")
    kinds = [pl.col(f"{end}_type").str.strip_chars() for end in ("head", "tail")]
    frame = frame.with_columns(
        relation.str.strip_chars("_").str.to_uppercase(),
        *(kind.str.head(1).str.to_uppercase() + kind.str.slice(1) for kind in kinds),
    ).with_columns(fault=_fault(columns, stored=stored))
    bad = frame.filter(pl.col("fault").is_not_null())
    good = frame.filter(pl.col("fault").is_null()).drop("fault")
    texts = good.select(pl.concat_str(*_NAMES, separator=_SEPARATOR)).to_series()
    rejected = []
    for cells in bad.iter_rows(named=True):
        code, _, name = cells["fault"].partition("|")
        rejected.append(Rejection(cells["row"], code, name, value=cells.get(name)))
    return good.with_columns(key=pl.Series(hash64_all(texts))), block.broken + rejected


def _linked(frame: pl.DataFrame, end: str, links: pl.DataFrame) -> pl.DataFrame:
    joined = frame.join(links, left_on=end, right_on="entity_id", how="left", maintain_order="left")
    linked = pl.col("item_id").is_not_null()
    return joined.with_columns(
        pl.coalesce("item_id", end).alias(end),
        pl.when(linked).then(pl.lit("Item")).otherwise(f"{end}_type").alias(f"{end}_type"),
    ).drop("item_id")


def _fault(columns: Mapping[str, str], *, stored: bool) -> pl.Expr:
    """Return ``code|detail`` of the first rule a row breaks, or null."""
    named = () if stored else ("head", "tail")
    header = {name: columns[name] for name in named if name in columns}
    rules: list[tuple[pl.Expr, str]] = [(repeats_names(header), "column-names|")]
    for name in ("head", "tail"):
        rules.append((is_nested(pl.col(name)), f"type-error|{name}"))
        rules += id_rules(name, stored=stored)
    for name, pattern, reserved in (
        ("head_type", _TYPE, _RESERVED_TYPES),
        ("tail_type", _TYPE, _RESERVED_TYPES),
        ("relation", _RELATION, RESERVED_RELATIONS),
    ):
        cell = pl.col(name)
        well_formed = cell.str.contains(pattern) & ~cell.is_in(reserved)
        rules.append((~well_formed.fill_null(False), f"reserved|{name}"))
    return pl.coalesce(pl.when(broken).then(pl.lit(fault)) for broken, fault in rules)
