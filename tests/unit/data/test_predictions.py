import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.data.predictions import read_predictions
from engine.data.reading.read_options import ReadOptions
from engine.errors import FileRefused


def read(path: Path, **chosen: str) -> list[tuple[str, str, int]]:
    rows: list[tuple[str, str, int]] = read_predictions(
        path, ReadOptions(mapping=chosen)
    ).rows.rows()
    return rows


def written(tmp_path: Path, text: str, name: str = "lists.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_ranks_order_a_list_wherever_its_rows_stand(tmp_path: Path) -> None:
    path = written(tmp_path, "user_id,item_id,rank\na,x,2\nb,z,1\na,y,1\n")
    assert read(path) == [("a", "y", 0), ("a", "x", 1), ("b", "z", 0)]


def test_the_highest_score_is_first(tmp_path: Path) -> None:
    path = written(tmp_path, "user_id;item_id;score\na;x;0,5\na;y;1e3\na;w;-1,25\n")
    assert read(path) == [("a", "y", 0), ("a", "x", 1), ("a", "w", 2)]


def test_equal_scores_share_a_place(tmp_path: Path) -> None:
    path = written(tmp_path, "user_id,item_id,score\na,x,0.5\na,y,1e3\na,w,0.5\n")
    assert read(path) == [("a", "y", 0), ("a", "x", 1), ("a", "w", 1)]


@pytest.mark.parametrize("order", ["score", "rank"])
def test_the_order_of_the_lines_says_nothing(
    order: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    rows = [f"u{user},i{item},{item % 3}" for user in range(20) for item in range(30)]
    found = []
    for _ in range(3):
        rng.shuffle(rows)
        path = written(tmp_path, "\n".join([f"user_id,item_id,{order}", *rows]))
        found.append(sorted(read(path)))
    assert found[0] == found[1] == found[2]


def test_json_lines_and_parquet_hold_the_same_lists(tmp_path: Path) -> None:
    rows = [{"user_id": "a", "item_id": "x", "rank": 2}, {"user_id": "a", "item_id": 7, "rank": 1}]
    lines = "\n".join(json.dumps(row) for row in rows)
    table = tmp_path / "lists.parquet"
    pl.DataFrame({"user_id": ["a", "a"], "item_id": ["x", "7"], "rank": [2, 1]}).write_parquet(
        table
    )
    assert (
        read(table)
        == read(written(tmp_path, lines, "lists.jsonl"))
        == [
            ("a", "7", 0),
            ("a", "x", 1),
        ]
    )


def test_a_column_can_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, "who,what,place\na,x,1\n")
    assert read(path, user_id="who", item_id="what", rank="place") == [("a", "x", 0)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("a,x,1\na,y,first\n", "line 3: rank 'first': .*type"),
        ("a,x,1\na,y,1.5\n", "line 3: rank '1.5'"),
        ("a,x,-1\n", "line 2: rank '-1'"),
        ("a,x,\n", "line 2: rank ''"),
        ("a,x,1\n,y,2\n", "line 3: user_id ''"),
        ("a,x,1\na,null,2\n", "line 3: item_id 'null'"),
        ("a,x,1\na,y\n", "line 3: .*the row has fewer cells"),
        ("a,x,1\nb,y,1\na,x,2\n", "line 4: the list of a names x twice"),
    ],
)
def test_a_bad_row_refuses_the_file_and_names_the_line(
    tmp_path: Path, rows: str, said: str
) -> None:
    with pytest.raises(FileRefused, match=said):
        read(written(tmp_path, "user_id,item_id,rank\n" + rows))


def test_a_score_must_be_a_number(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="line 2: score 'nan'"):
        read(written(tmp_path, "user_id,item_id,score\na,x,nan\n"))


def test_a_list_needs_an_order(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="rank or score"):
        read(written(tmp_path, "user_id,item_id\na,x\n"))
