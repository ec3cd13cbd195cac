"""Files whose every line is a record."""

from pathlib import Path

from engine.data.reading.block import NESTED
from engine.data.reading.line_formats import read_adjacency, read_json_lines


def test_json_cells_are_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '\ufeff{"a": 12345678901234567890123, "b": 1.50, "c": true, "d": null, "_e": 1}\n'
        '{"a": "x", "f": [1, {"g": null}]}\n',
        encoding="utf-8",
    )
    (block,) = read_json_lines(path)
    assert block.frame.rows(named=True) == [
        {"a": "12345678901234567890123", "b": "1.50", "c": "true", "d": None, "f": None, "_row": 1},
        {"a": "x", "b": None, "c": None, "d": None, "_row": 2} | {"f": NESTED + '[1, {"g": null}]'},
    ]


def test_bad_json_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'{"a": 1}\n\n{"a": 1,}\n{"a": 1, "a": 2}\n{"a": NaN}\n[]\n'
        b'{"a": "\\ud800"}\n{"a": "\xe9"}\n{}'
    )
    (block,) = read_json_lines(path)
    codes = [(one.line, one.code) for one in block.broken]
    assert codes == [
        (3, "bad-json"),
        (4, "bad-json"),
        (5, "bad-json"),
        (6, "bad-json"),
        (7, "encoding"),
        (8, "encoding"),
        (9, "blank-row"),
    ]
    assert (block.read, block.blank_lines) == (8, 1)


def test_pairs_have_the_line_of_their_list(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_bytes(b"u1 1  2\t3 \n\nu2\nca\xe9 1\r\nu3 4")
    (block,) = read_adjacency(path)
    pairs = [("u1", "1"), ("u1", "2"), ("u1", "3"), ("u3", "4")]
    assert block.frame.select("user_id", "item_id").rows() == pairs
    assert block.lines is not None
    assert block.lines.to_list() == [1, 1, 1, 5]
    codes = sorted((one.line, one.code) for one in block.broken)
    assert codes == [(3, "missing-cell"), (4, "encoding")]
    assert (block.read, block.blank_lines) == (6, 1)
