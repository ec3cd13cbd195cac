import json
from pathlib import Path

import pytest

from engine.data.reading.read_options import ReadOptions
from engine.errors import FileRefused
from engine.loading.load import IngestRequest
from engine.loading.load_attributes import validate_attributes

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
