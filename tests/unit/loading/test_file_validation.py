"""A file is judged row by row and then as a whole, before anything is written."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from engine.data.predictions import read_predictions
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.rejection import Rejection
from engine.errors import FileRefused, NothingAccepted, TooManyBadRows
from engine.loading.file_validation import FileValidation
from engine.loading.load import IngestRequest
from engine.loading.load_attributes import validate_attributes
from engine.loading.load_events import validate_events, validated_blocks
from engine.loading.load_facts import validate_facts


class Counted:
    """An audit that counts what it is given and refuses files of nobody."""

    def __init__(self) -> None:
        self.events, self.bad, self.parts = 0, 0, list[str]()

    def add(self, events: pl.DataFrame, bad: Sequence[Rejection], part: str) -> None:
        """Count a block."""
        self.events, self.bad = self.events + len(events), self.bad + len(bad)
        self.parts.append(part)

    def check(self) -> None:
        """Refuse a file without events."""
        if not self.events:
            raise FileRefused("nobody", code="nobody")


def _file(tmp_path: Path, *rows: str, max_bad: float = 1.0) -> FileValidation:
    path = tmp_path / "events.csv"
    path.write_text("\n".join(["user_id,item_id,timestamp", *rows, ""]))
    return FileValidation(IngestRequest(max_bad=max_bad), "events", path)


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    file = _file(tmp_path, "a,x,1700000000", "a,x,1700000000", ",x,1700000000", "b,y,never", "")
    file.validate(validate_events)
    report = file.complete_report()
    assert (report.read, report.quarantined, report.duplicate) == (4, 2, 0)
    assert report.reasons == {"required-value": 1, "type-error": 1}
    assert set(report.examples) == {"required-value", "type-error"}
    assert "never" in report.examples["type-error"]


def test_too_many_bad_rows_refuse_the_file_and_name_value_and_limit(tmp_path: Path) -> None:
    rows = ["a,x,1700000000", ",x,1700000000", ",y,1700000000"]
    _file(tmp_path, *rows, max_bad=0.7).validate(validate_events)
    with pytest.raises(TooManyBadRows, match=r"2 of 3 rows of .* are bad .* more than 66%"):
        _file(tmp_path, *rows, max_bad=0.66).validate(validate_events)


def test_a_column_that_could_be_the_empty_one_is_named(tmp_path: Path) -> None:
    """As in an export of Google Analytics, where few visitors are known by an id of the shop."""
    path = tmp_path / "events.csv"
    path.write_text("user_id,user_pseudo_id,item_id\n,7.1,x\n,7.2,y\n")
    for max_bad, refused in ((1.0, NothingAccepted), (0.5, TooManyBadRows)):
        with pytest.raises(refused) as told:
            FileValidation(IngestRequest(max_bad=max_bad), "events", path).validate(validate_events)
        assert "--map user_id=user_pseudo_id;" in told.value.hint


def test_a_field_of_an_object_is_named_where_no_column_is_the_item(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"userId": "u", "properties": {"product_id": "p", "x": 1}}\n')
    file = FileValidation(IngestRequest(), "events", path)
    with pytest.raises(
        FileRefused, match=r"properties\.product_id is a field of an object"
    ) as told:
        file.validate(validate_events)
    assert "jq -c '.item_id = .properties.product_id'" in told.value.hint
    path.write_text('{"userId": "u", "thing": "p"}\n')
    with pytest.raises(FileRefused, match="no column for item_id among userId, thing") as told:
        FileValidation(IngestRequest(), "events", path).validate(validate_events)
    assert "name it: --map item_id=COLUMN" in told.value.hint
    assert "first line of a CSV file" in told.value.hint


def test_a_large_file_is_refused_before_its_end(tmp_path: Path) -> None:
    steps: list[int] = []
    path = tmp_path / "events.csv"
    path.write_text("user_id,item_id\n" + ",x\n" * 200_000)
    file = FileValidation(
        IngestRequest(max_bad=0.5), "events", path, lambda _doing, done, _all: steps.append(done)
    )
    with pytest.raises(TooManyBadRows):
        file.validate(validate_events)
    assert steps[-1] < 200_000


def test_a_file_of_which_no_row_can_be_taken_is_an_error_with_its_report(tmp_path: Path) -> None:
    with pytest.raises(NothingAccepted, match=r"not one of 2 rows of events\.csv") as refused:
        _file(tmp_path, ",x,1700000000", ",y,1700000000").validate(validate_events)
    assert refused.value.report["reasons"] == {"required-value": 2}


@pytest.mark.parametrize(
    ("name", "text"), [("a.csv", "sku,price\n1,2\n"), ("a.jsonl", '{"sku":1,"price":2}\n')]
)
def test_a_refusal_names_its_file_as_a_command_may_read_several(
    name: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    request = IngestRequest(links=tmp_path / name, relation="IS")
    for work in (validate_events, validate_attributes):
        with pytest.raises(FileRefused, match=rf"^{name}: no column for "):
            FileValidation(request, "users", tmp_path / name).validate(work)
    (tmp_path / "facts.csv").write_text("head,tail\na,b\n")
    with pytest.raises(FileRefused, match=rf"^{name}: no column for entity_id"):
        FileValidation(request, "facts", tmp_path / "facts.csv").validate(validate_facts)
    with pytest.raises(FileRefused, match=rf"^{name}: no column for user_id"):
        read_predictions(tmp_path / name, ReadOptions())
    with pytest.raises(FileRefused, match=rf"^{name}: no column for user_id"):
        list(validated_blocks(tmp_path / name, ReadOptions()))


def test_a_header_alone_is_no_error(tmp_path: Path) -> None:
    file = _file(tmp_path)
    file.validate(validate_events)
    assert file.report.read == 0


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    file = _file(tmp_path, "a,x,1700000000")

    def grow(one: FileValidation) -> None:
        validate_events(one)
        with one.source.path.open("a") as out:
            out.write("b,y,1700000000\n")

    with pytest.raises(FileRefused, match="changed while it was read") as refused:
        file.validate(grow)
    assert refused.value.code == "changed"


def test_the_audit_sees_every_part_and_may_refuse(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    folder.mkdir()
    for name in ("part-0.csv", "part-1.csv"):
        (folder / name).write_text("user_id,item_id,timestamp\na,x,1700000000\n,x,1700000000\n")
    audit = Counted()
    FileValidation(IngestRequest(), "events", folder, audit=audit).validate(validate_events)
    assert (audit.events, audit.bad, set(audit.parts)) == (
        2,
        2,
        {"events/part-0.csv", "events/part-1.csv"},
    )
    (folder / "part-0.csv").write_text("user_id,item_id,timestamp\n,x,1700000000\n")
    (folder / "part-1.csv").unlink()
    with pytest.raises(FileRefused, match="nobody"):
        FileValidation(IngestRequest(), "events", folder, audit=Counted()).validate(validate_events)
