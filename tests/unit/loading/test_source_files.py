"""What is loaded as one: a file, or a folder of part files."""

import os
from pathlib import Path

import polars as pl
import pytest

from engine.data.reading.read_options import ReadOptions
from engine.errors import FileRefused
from engine.loading import source_files

ROWS = "user_id,item_id\nu,i\n"


def _write(root: Path, *names: str, text: str = ROWS) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _rows(path: Path, kind: str = "events") -> pl.DataFrame:
    blocks = source_files.part_blocks(source_files.find(path), ReadOptions(), kind)
    return pl.concat([block.frame for _, block in blocks if len(block.frame)]).drop("_row")


def _refused(path: Path, within: Path | None = None) -> str:
    with pytest.raises(FileRefused) as refused:
        source_files.find(path, within)
    assert refused.value.hint
    return refused.value.code


def test_the_parts_of_a_folder_are_its_files_but_for_those_of_their_writer(tmp_path: Path) -> None:
    export = tmp_path / "events.csv"
    _write(export, "part-1.csv", "part-0.csv", "date=2026-01-02/part-0.csv", "a/b/part.csv")
    _write(export, "_SUCCESS", ".part-0.csv.crc", "part-0.csv.crc", "_delta/part.csv")
    _write(export, "part-2.csv", text="")
    source = source_files.find(export)
    assert [part.name for part in source.parts] == [
        "events.csv/a/b/part.csv",
        "events.csv/date=2026-01-02/part-0.csv",
        "events.csv/part-0.csv",
        "events.csv/part-1.csv",
    ]
    assert (source.name, source.is_folder) == ("events.csv", True)


def test_names_of_folders_are_columns(tmp_path: Path) -> None:
    export = tmp_path / "date=2026-01-02"
    _write(export, "shop=K%C3%B6ln%2F1/kind=__HIVE_DEFAULT_PARTITION__/part.csv")
    source = source_files.find(export)
    assert source.parts[0].partitions == {"date": "2026-01-02", "shop": "Köln/1", "kind": None}
    assert _rows(export, "items").rows(named=True) == [
        {"user_id": "u", "item_id": "i", "date": "2026-01-02", "shop": "Köln/1", "kind": None}
    ]


def test_a_column_of_the_file_counts_more_than_a_partition_of_its_name(tmp_path: Path) -> None:
    _write(tmp_path, "x/date=1/part.csv", text="user_id,item_id,date\nu,i,2\n")
    assert _rows(tmp_path / "x")["date"].to_list() == ["2"]


def test_a_partition_is_no_second_column_of_one_field(tmp_path: Path) -> None:
    # Both are called what a timestamp is called.
    _write(tmp_path, "x/date=2026-01-02/part.csv", text="user_id,item_id,ts\nu,i,2\n")
    assert _rows(tmp_path / "x").columns == ["user_id", "item_id", "ts"]
    _write(tmp_path, "y/date=2026-01-02/part.csv")
    assert _rows(tmp_path / "y").columns == ["user_id", "item_id", "date"]


def test_parts_without_a_suffix_have_the_format_of_the_folder(tmp_path: Path) -> None:
    _write(tmp_path, "events.tsv/part-00000", text=ROWS.replace(",", "\t"))
    assert _rows(tmp_path / "events.tsv").columns == ["user_id", "item_id"]
    _write(tmp_path, "events/part-00000")
    with pytest.raises(FileRefused, match="part-00000"):
        _rows(tmp_path / "events")


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, "open/_temporary/0/part", "half/x.csv.part", "delta/_delta_log/0.json")
    _write(tmp_path, "only/_SUCCESS")
    assert _refused(tmp_path / "open") == "unfinished"
    assert _refused(tmp_path / "half") == "unfinished"
    assert _refused(tmp_path / "delta") == "format"
    assert _refused(tmp_path / "only") == "empty-file"
    assert _refused(tmp_path / "none") == "missing-file"


def test_a_pipe_is_refused_as_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(FileRefused, match="is a pipe or a device"):
        source_files.find(tmp_path / "a.csv")


def test_no_part_lies_outside_of_the_folder_that_is_given(tmp_path: Path) -> None:
    _write(tmp_path, "secret.csv", "in/events.csv", "in/export/part.csv")
    inside = tmp_path / "in"
    (inside / "link.csv").symlink_to(tmp_path / "secret.csv")
    (inside / "up").symlink_to(tmp_path, target_is_directory=True)
    (inside / "export" / "more.csv").symlink_to(tmp_path / "secret.csv")
    (inside / "same.csv").symlink_to("events.csv")
    assert _refused(inside / "link.csv", inside) == "link"
    assert _refused(inside / "up", inside) == "link"
    assert _refused(inside / "export", inside) == "link"
    assert source_files.find(inside / "same.csv", inside).name == "same.csv"
    # Whoever names a link means what it leads to.
    assert len(source_files.find(inside / "export").parts) == 2


def test_a_fingerprint_changes_with_whatever_changes(tmp_path: Path) -> None:
    _write(tmp_path, "x/a.csv", "x/b.csv", "single.csv")
    path = tmp_path / "x"

    def now() -> str:
        return source_files.fingerprint(source_files.find(path))[0]

    first = now()
    assert first == now()
    _write(path, "c.csv")
    assert now() != first
    (path / "c.csv").unlink()
    assert now() == first
    _write(path, "b.csv", text=ROWS + "u,j\n")
    assert now() != first
    single = source_files.find(tmp_path / "single.csv")
    digest, stats = source_files.fingerprint(single)
    assert len(digest) == 64
    assert stats[0][:2] == ("single.csv", len(ROWS))
    (tmp_path / "single.csv").unlink()
    with pytest.raises(FileRefused, match="cannot be read"):
        source_files.fingerprint(single)
