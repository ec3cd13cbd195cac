"""Writing lists part by part, and going on after an interruption."""

import json
from pathlib import Path

import pyarrow.parquet
import pytest

from engine.answering.export import Export
from engine.errors import UsageError
from engine.graph.lists.recommendations import Basis, RecommendationList, Recommended

_ASKED = {"k": 2, "generation": 7}


def _list(user: str) -> RecommendationList:
    items = (Recommended("i1", "=cmd()", 0.5, "embedding"), Recommended("-2", None, 0.25, "again"))
    return RecommendationList(user, 7, Basis("for-you", "embedding"), items, 2)


def test_an_interrupted_export_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "recs.parquet"
    Export(out, _ASKED).add("a", [_list("a")])
    again = Export(out, _ASKED)
    assert (again.after, again.users) == ("a", 1)
    again.add("b", [_list("b")])
    exported = again.finish()
    table = pyarrow.parquet.read_table(out)
    assert table["user"].to_pylist() == ["a", "a", "b", "b"]
    assert (exported.users, exported.rows, exported.short_lists) == (2, 4, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["recs.parquet"]


def test_parts_of_another_question_are_discarded(tmp_path: Path) -> None:
    out = tmp_path / "recs.jsonl"
    Export(out, _ASKED).add("a", [_list("a")])
    other = Export(out, _ASKED | {"k": 3})
    assert other.after == ""
    other.add("b", [_list("b")])
    other.finish()
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["user"] for row in rows] == ["b", "b"]


def test_a_name_is_no_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    out = tmp_path / "recs.csv"
    export = Export(out, _ASKED)
    export.add("a", [_list("a")])
    export.finish()
    text = out.read_text(encoding="utf-8")
    assert "'=cmd()" in text
    assert '"-2"' in text


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write recs"):
        Export(tmp_path / "recs.xlsx", _ASKED)
