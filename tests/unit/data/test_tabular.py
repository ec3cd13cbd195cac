"""A result is a table: plain values, frames, what a notebook shows."""

from dataclasses import dataclass

import pytest

from engine.data.tabular import Records


@dataclass(frozen=True)
class _Row:
    item: str
    score: float


def test_records_are_a_sequence_and_a_frame() -> None:
    found = Records([_Row("a", 1.0), _Row("b", 0.5)])
    assert len(found) == 2
    assert found[0] == _Row("a", 1.0)
    assert list(found[1:]) == [_Row("b", 0.5)]
    assert found.to_dicts() == [{"item": "a", "score": 1.0}, {"item": "b", "score": 0.5}]
    assert found.to_polars().rows() == [("a", 1.0), ("b", 0.5)]
    assert found.to_pandas()["score"].tolist() == [1.0, 0.5]
    assert "<td>0.5</td>" in found._repr_html_()


def test_a_frame_has_every_column_that_any_row_has() -> None:
    found = Records([{"item": "a"}] * 200 + [{"item": "b", "count": 3}])
    assert found.to_polars().columns == ["item", "count"]
    assert found.to_polars()["count"].null_count() == 200


def test_no_row_is_an_empty_frame() -> None:
    assert Records([]).to_polars().is_empty()
    assert Records([]).to_pandas().empty


def test_a_row_is_a_record() -> None:
    with pytest.raises(TypeError, match="not int"):
        Records([1]).to_dicts()
