import json
from pathlib import Path

from engine.forgetting.home_removal import (
    left_by_loads,
    lines_naming,
    own_files,
    quarantined_rows,
    reports,
)


def _rows(path: Path, *rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_rows_are_blanked_where_they_stand(tmp_path: Path) -> None:
    path = _rows(
        tmp_path / "quarantine" / "000001-e.csv.jsonl",
        {"user_id": "zoë", "item_id": "a", "_line": 2},
        {"user_id": "bob", "item_id": "a", "_line": 3},
    )
    with path.open("ab") as stream:  # a stream that is followed writes on to the same file
        assert list(quarantined_rows(tmp_path, "user", ["zoë"], found := set())) == [
            ("quarantine/000001-e.csv.jsonl", 1)
        ]
        stream.write(b'{"user_id": "eve"}\n')
    assert found == {"zoë"}
    first, *others = path.read_text(encoding="utf-8").splitlines()
    assert first.strip() == ""
    assert [json.loads(line)["user_id"] for line in others] == ["bob", "eve"]
    assert list(quarantined_rows(tmp_path, "user", ["zoë"], set())) == []


def test_a_line_that_was_cut_off_is_blanked_by_its_text(tmp_path: Path) -> None:
    path = _rows(tmp_path / "quarantine" / "1.jsonl", {"user_id": "bob"})
    path.write_text(path.read_text() + '{"user_id": "zoe", "item')
    assert [rows for _, rows in quarantined_rows(tmp_path, "user", ["zoe"], set())] == [1]
    assert "zoe" not in path.read_text()


def test_reports_lose_the_mention_alone(tmp_path: Path) -> None:
    path = _rows(tmp_path / "retrain" / "000001.json", {"cause": "user 'zoe' twice", "rows": 2})
    other = _rows(tmp_path / "retrain" / "000002.json", {"cause": "nothing"})
    before = other.stat().st_mtime_ns
    assert list(reports(tmp_path, ["zoe"])) == [("retrain/000001.json", 1)]
    assert json.loads(path.read_text()) == {"cause": "user [forgotten] twice", "rows": 2}
    assert other.stat().st_mtime_ns == before


def test_what_a_killed_load_left_goes(tmp_path: Path) -> None:
    _rows(tmp_path / "staging" / "1.arrow", "zoe")
    assert list(left_by_loads(tmp_path)) == [("staging", 1)]
    assert list(left_by_loads(tmp_path)) == []


def test_files_of_others_are_told_and_left(tmp_path: Path) -> None:
    mine = tmp_path / "lists.csv"
    mine.write_text("user,item\nzoe,a\nzoey,b\n'zoe',c\n")
    assert list(own_files(tmp_path, ["zoe"])) == [("lists.csv", 2)]
    assert lines_naming(mine, ["a b", "y,b"]) == 1, "an id with a comma in it is no word"
    assert "zoe,a" in mine.read_text()
