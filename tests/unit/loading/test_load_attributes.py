import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.data.attributes import vectors_apart
from engine.data.reading.packed_vectors import pack
from engine.data.reading.read_options import ReadOptions
from engine.errors import FileRefused
from engine.loading.load import IngestRequest
from engine.loading.load_attributes import in_batches, validate_attributes

from .kept_rows import KeptRows


def _validated(tmp_path: Path, text: str, kind: str = "items", **options: object) -> KeptRows:
    path = tmp_path / f"{kind}.csv"
    path.write_text(text)
    request = IngestRequest(reading=ReadOptions(**options))  # type: ignore[arg-type]
    file = KeptRows(request, kind, path)
    file.validate(validate_attributes)
    return file


def _rows(file: KeptRows) -> list[tuple[str, dict[str, object]]]:
    return [(row["id"], json.loads(row["attributes"])) for row in file.passed]


def test_columns_become_attributes_of_the_id(tmp_path: Path) -> None:
    file = _validated(tmp_path, "item_id,name,Price (EUR)\ntea,Green tea,4.5\n")
    ((id_, attributes),) = _rows(file)
    assert id_ == "tea"
    assert attributes["name"] == "Green tea"
    assert attributes["price_eur"] == "4.5"


def test_in_a_file_of_items_id_is_the_item_s(tmp_path: Path) -> None:
    file = _validated(tmp_path, "id,name\ntea,Green tea\n")
    assert _rows(file) == [("tea", {"name": "Green tea"})]
    users = _validated(tmp_path, "id,name\nann,Ann\n", "users")
    assert _rows(users) == [("ann", {"name": "Ann"})]


def test_a_row_that_repeats_is_a_duplicate_and_one_that_contradicts_is_quarantined(
    tmp_path: Path,
) -> None:
    file = _validated(tmp_path, "item_id,name\ntea,Tea\ntea,Tea\ntea,Coffee\n")
    assert _rows(file) == [("tea", {"name": "Tea"})]
    assert (file.report.duplicate, file.report.quarantined) == (1, 1)
    assert [one.row for one in file.bad] == [3]


def test_a_mapping_counts_where_the_file_has_the_column(tmp_path: Path) -> None:
    mapping = {"item_id": "sku", "user_id": "client"}
    file = _validated(tmp_path, "sku,name\ntea,Tea\n", mapping=mapping)
    assert _rows(file) == [("tea", {"name": "Tea"})]


def test_a_file_without_an_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused):
        _validated(tmp_path, "name,colour\nTea,green\n")


def test_vectors_are_settled_once_for_a_file(tmp_path: Path) -> None:
    lines = [
        "item_id,v",
        'a,"[0.5, 1.5]"',
        'b,"[2.5, 1]"',
        'c,"[2.5]"',
        "d,red",
        "e,",
        'f,"[1, -1]"',
    ]
    file = _validated(tmp_path, "\n".join(lines))
    assert [id_ for id_, _ in _rows(file)] == ["a", "b", "e", "f"]
    _, vectors = vectors_apart(_rows(file)[1][1])
    assert vectors["v"].tolist() == [2.5, 1.0]
    assert [(one.row, one.code) for one in file.bad] == [(3, "vector-length"), (4, "vector-type")]
    assert file.bad[1].reason == (
        "v 'red': a column of vectors holds something else; "
        "write a list of numbers, or leave the cell empty"
    )


def test_long_vectors_are_written_a_few_rows_at_a_time() -> None:
    long = json.dumps({"v": pack(np.ones(50_000, np.float32)), "kind": "x"})
    rows = [(f"i{n}", long if n < 7 else json.dumps({"kind": "y"})) for n in range(11)]
    batches = list(in_batches(pl.DataFrame(rows, ["id", "attributes"], orient="row")))
    assert [len(batch) for batch in batches] == [3, 3, 5]
    assert [one["id"] for batch in batches for one in batch] == [id_ for id_, _ in rows]
    assert batches[0][0]["attributes"] == {"kind": "x"}
    assert batches[0][0]["vectors"]["v"].shape == (50_000,)
    assert batches[2][4] == {"id": "i10", "attributes": {"kind": "y"}, "vectors": {}}
