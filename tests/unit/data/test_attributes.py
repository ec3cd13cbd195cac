"""What cells of attributes become, and what a file gave before."""

import numpy as np
import polars as pl

from engine.data import attributes
from engine.data.attributes import AttributeRow, SeenAttributes
from engine.data.reading.block import NESTED, Block
from engine.data.reading.packed_vectors import pack


def judge(**cells: list[str | None]) -> tuple[list[AttributeRow], list[str]]:
    count = len(next(iter(cells.values())))
    frame = pl.DataFrame(cells, dict.fromkeys(cells, pl.String))
    block = Block(frame.with_columns(_row=pl.int_range(1, count + 1)))
    targets = {name.partition(":")[0]: name for name in cells if name != "id"}
    good, bad = attributes.validate(block, "id", targets)
    return good, [f"{one.row} {one.code} {one.detail}" for one in bad]


def test_text_stays_text() -> None:
    good, bad = judge(id=["1"], price=["3.50"], zip=["007"], empty=[""], none=[None])
    assert (good, bad) == ([AttributeRow(1, "1", {"price": "3.50", "zip": "007"})], [])


def test_lists() -> None:
    cells = {"a:token_seq": ["x y"], "b": [NESTED + '["1", true]'], "c": [NESTED + "[]"]}
    good, _ = judge(id=["1"], **cells)
    assert good[0].attributes == {"a": ["x", "y"], "b": ["1", "true"]}
    assert judge(id=["1"], a=[NESTED + '{"a": "b"}'])[0][0].attributes == {}
    for bad in ('["a", null]', '[["a"]]', "no json"):
        wrong = judge(id=["1"], a=[NESTED + bad])
        assert wrong == ([], ["1 type-error a"]) or bad == "no json"


def test_lists_of_numbers_are_vectors() -> None:
    lists = ("[0.5, 1]", "[2.5, 3]", "[4.5]", "[1, null]", "[0, 0]")
    cells = [NESTED + text for text in lists]
    good, bad = judge(id=["1", "2", "3", "4", "5", "6"], v=[*cells, None])
    assert [one.id for one in good] == ["1", "2", "5", "6"]
    assert bad == ["3 vector-length v", "4 vector-number v"]
    assert good[3].attributes == {}
    plain, vectors = attributes.vectors_apart({"a": "x", **good[1].attributes})
    assert plain == {"a": "x"}
    assert vectors["v"].tolist() == [2.5, 3.0]


def test_what_was_in_a_graph_is_a_vector_or_none_by_itself() -> None:
    texts = ["red", "[0.5, 1.5]", NESTED + '["0.5"]', pack(np.ones(2, np.float32))]
    cells = [*texts, pack(np.ones(3, np.float32)), pack(np.array([1, np.inf], np.float32))]
    frame = pl.DataFrame({"id": list("abcdef"), "v": cells, "_row": range(6)})
    good, bad = attributes.validate(Block(frame), "id", {"v": "v"}, stored=True)
    assert [one.attributes["v"] for one in good] == ["red", "[0.5, 1.5]", ["0.5"], *cells[3:5]]
    assert [(one.row, one.code) for one in bad] == [(5, "vector-number")]


def test_hidden_and_expires_at() -> None:
    good, bad = judge(
        id=["1", "2", "3", "4"],
        hidden=["TRUE", "no", "perhaps", ""],
        expires_at=["2030-01-01", "1893456000", "", "soon"],
    )
    moment = 1_893_456_000_000
    assert [one.attributes for one in good] == [
        {"hidden": True, "expires_at": moment},
        {"hidden": False, "expires_at": moment},
    ]
    assert bad == ["3 type-error hidden", "4 type-error expires_at"]


def test_ids() -> None:
    good, bad = judge(id=[None, "NULL", "x" * 257, NESTED + "[1]", "x" * 256])
    assert len(good) == 1
    codes = ["required-value", "required-value", "too-long", "type-error"]
    assert [one.split()[1] for one in bad] == codes


def test_what_a_file_gave_is_remembered(rng: np.random.Generator) -> None:
    seen = SeenAttributes()
    known: dict[str, int] = {}
    for _ in range(30):
        ids, said = rng.integers(0, 500, 40).astype(str), rng.integers(0, 3, 40)
        rows = [
            AttributeRow(n, id_, {"a": str(what)})
            for n, (id_, what) in enumerate(zip(ids, said, strict=True))
        ]
        first, contrary = seen.new_rows(rows)
        new, against = [], []
        for row, what in zip(rows, said, strict=True):
            if row.id not in known:
                known[row.id] = what
                new.append(row)
            elif known[row.id] != what:
                against.append(row.row)
        assert first == new
        assert [one.row for one in contrary] == against


def test_a_header_in_the_middle_is_no_item() -> None:
    good, bad = judge(id=["1", "id", "id"], price=["3", "price", "4"])
    assert [(one.id, one.row) for one in good] == [("1", 1), ("id", 3)]
    assert bad == ["2 column-names "]


def test_numbers_in_a_list_are_no_id() -> None:
    assert judge(id=[pack(np.ones(2, dtype=np.float32))], a=["x"]) == ([], ["1 type-error id"])


def test_words_for_nothing() -> None:
    words = ["NULL", "NaN", "nan", "undefined", "#DIV/0!"]
    good, bad = judge(id=list("12345"), brand=words, hidden=words, expires_at=words)
    assert ([one.attributes for one in good], bad) == ([{}] * 5, [])
    spelt = judge(id=list("123456"), hidden=["t", "N", "1.0", "0.0", "Y", "off"])
    assert [one.attributes["hidden"] for one in spelt[0]] == [True, False, True, False, True, False]
