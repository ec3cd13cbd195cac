"""Rows of a knowledge graph: their names, their keys, and what is refused."""

import numpy as np
import polars as pl
import pytest

from engine.data import facts
from engine.data.reading.block import NESTED, Block
from engine.data.reading.packed_vectors import pack

_COLUMNS = {name: name for name in ("head", "head_type", "relation", "tail", "tail_type")}


def judge(
    *rows: tuple[str | None, ...], links: pl.DataFrame | None = None, typed: bool = True
) -> tuple[list[tuple[str, ...]], list[str]]:
    frame = pl.DataFrame(rows, dict.fromkeys(_COLUMNS, pl.String), orient="row")
    block = Block(frame.with_columns(_row=pl.int_range(1, len(rows) + 1)))
    columns = {k: v for k, v in _COLUMNS.items() if typed or not k.endswith("_type")}
    good, bad = facts.validate(block, columns, {"head_type": "Thing", "tail_type": "Thing"}, links)
    assert len(good) + len(bad) == len(rows)
    return good.select(list(_COLUMNS)).rows(), [f"{one.code} {one.detail}" for one in bad]


def test_names_are_tidied() -> None:
    row = ("1", " item", "film.actor-of film", "2", "brand")
    assert judge(row) == ([("1", "Item", "FILM_ACTOR_OF_FILM", "2", "Brand")], [])


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ((None, "Item", "IS", "2", "Brand"), "required-value head"),
        (("1", "Item", "IS", "NaN", "Brand"), "required-value tail"),
        (("1", "Item", "IS", "x" * 257, "Brand"), "too-long tail"),
        ((NESTED + "[1]", "Item", "IS", "2", "Brand"), "type-error head"),
        ((pack(np.ones(2, dtype=np.float32)), "Item", "IS", "2", "Brand"), "type-error head"),
        (("head", "Item", "relation", "tail", "Thing"), "column-names "),
        (("1", "Item", "IS", "4.5E+10", "Brand"), "rounded tail"),
        (("1", "entity", "IS", "2", "Brand"), "reserved head_type"),
        (("1", None, "IS", "2", "Brand"), "reserved head_type"),
        (("1", "Item", "IS", "2", "Product category"), "reserved tail_type"),
        (("1", "Item", "followed_by", "2", "Brand"), "reserved relation"),
        (("1", "Item", None, "2", "Brand"), "reserved relation"),
        (("1", "Item", "любит", "2", "Brand"), "reserved relation"),
    ],
)
def test_a_bad_row_has_its_code(row: tuple[str | None, ...], fault: str) -> None:
    assert judge(row) == ([], [fault])


def test_the_direction_and_the_kinds_are_in_the_key() -> None:
    rows = [
        ("1", "User", "KNOWS", "2", "User"),
        ("2", "User", "KNOWS", "1", "User"),
        ("1", "User", "LIKES", "2", "User"),
        ("1", "User", "KNOWS", "2", "Item"),
        ("1", "User", "KNOWS", "2", "User"),
    ]
    frame = pl.DataFrame(rows, list(_COLUMNS), orient="row")
    good, _ = facts.validate(Block(frame.with_columns(_row=pl.int_range(5))), _COLUMNS, {})
    assert good["key"].n_unique() == 4


def test_linked_entities_are_items() -> None:
    links = pl.DataFrame({"entity_id": ["m.a"], "item_id": ["7"]})
    row = ("m.a", None, "is", "m.b", None)
    assert judge(row, links=links, typed=False)[0] == [("7", "Item", "IS", "m.b", "Thing")]
