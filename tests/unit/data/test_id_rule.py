"""One rule for ids, in Python and over a column."""

import polars as pl
import pytest

from engine.data.id_rule import NULLS, id_fault, id_rules, stored_id_fault

NOTHING = [
    *NULLS, *(word.upper() for word in NULLS), *(f" {word}\u00a0" for word in NULLS),
    "NaT", "<NA>", r"\N", "(not set)", "Undefined", " ", "\u00a0",
    "\u200b", "\ufeff\u3000", " " * 99, "#DIV/0!", "#WERT!", "#¿NOMBRE?", "--", "-----",
    "?", "????",
]  # fmt: skip
CONTROL = ["a\x00", "a\nb", "\x1b[31m", "a\x7f", "\x9b31m"]
ROUNDED = ["4.00638E+12", "1E+05", "4,00638E+12", "1.2345678901234568e19", "-1e+16"]
IDS = [
    "1e5", "12e345678", "E+5", "1.5", "#1", "#wow!x", "-1", "#4!" + "x" * 99,
    "7", "007", "7.0", "-", "0", "nullable", "name", "\u202eevil", "é", "N", "x" * 256,
]  # fmt: skip


def by_column(ids: list[str | None], *, stored: bool = False) -> list[str | None]:
    frame = pl.DataFrame({"id": ids}, {"id": pl.String})
    rules = id_rules("id", stored=stored)
    fault = pl.coalesce(pl.when(broken).then(pl.lit(code)) for broken, code in rules)
    return frame.select(fault.str.strip_suffix("|id")).to_series().to_list()


@pytest.mark.parametrize(
    ("ids", "code"),
    [
        ([None, *NOTHING], "required-value"),
        (CONTROL, "control-character"),
        (ROUNDED, "rounded"),
        (["x" * 257, "é" * 129], "too-long"),
        (IDS, None),
    ],
)
def test_an_id_has_its_fault(ids: list[str | None], code: str | None) -> None:
    assert {id_: id_fault(id_) for id_ in ids} == dict.fromkeys(ids, code)
    assert dict(zip(ids, by_column(ids), strict=True)) == dict.fromkeys(ids, code)


def test_an_id_that_may_be_absent_can_say_nothing() -> None:
    rules = id_rules("id", required=False)
    assert [code for _, code in rules] == ["too-long|id", "control-character|id", "rounded|id"]


def test_what_was_loaded_once_can_be_named() -> None:
    assert [stored_id_fault(id_) for id_ in ("NULL", "--", *ROUNDED)] == [None] * (2 + len(ROUNDED))
    assert stored_id_fault(" \u200b") == "required-value"
    assert stored_id_fault("a\nb") == "control-character"
    assert stored_id_fault("x" * 257) == "too-long"
    ids = ["NULL", "--", *ROUNDED, None, " \u200b", "a\nb", "x" * 257]
    found = [None] * (2 + len(ROUNDED)), ["required-value"] * 2, ["control-character", "too-long"]
    assert by_column(ids, stored=True) == [fault for some in found for fault in some]
