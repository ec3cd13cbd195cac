import gzip
from pathlib import Path

import pytest

from engine.data.reading.adjacency_lists import read_split
from engine.errors import DataError


def write(folder: Path, train: str, test: str) -> Path:
    (folder / "train.txt").write_text(train)
    with gzip.open(folder / "test.txt.gz", "wt") as file:
        file.write(test)
    return folder


def test_a_split_is_read_plain_or_gzipped(tmp_path: Path) -> None:
    parts = read_split(write(tmp_path, "0 2 1\n2 0\n\n1\n", "0 4\n"))
    train, test = parts.earlier, parts.later
    pairs = list(zip(train.user.tolist(), train.item.tolist(), strict=True))
    assert pairs == [(0, 1), (0, 2), (2, 0)]
    assert (test.user.tolist(), test.item.tolist()) == ([0], [4])
    assert (train.n_users, train.n_items) == (test.n_users, test.n_items) == (3, 5)


@pytest.mark.parametrize(
    ("train", "said"),
    [("0 a\n", "line 1 of train.txt"), ("0 1\n0 -2\n", "line 2"), ("", "no pair"), ("3\n", "no p")],
)
def test_what_is_no_split_is_refused(tmp_path: Path, train: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read_split(write(tmp_path, train, "0 1\n"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("0 1\n")
    with pytest.raises(DataError, match=r"test\.txt"):
        read_split(tmp_path)
