"""Sums of users from files: added up by user, and what cannot be counted."""

from pathlib import Path

import polars as pl
import pytest

from engine.ab_tests.sums_file import read_all_users, read_sums
from engine.errors import FileRefused

_ROWS = """user,variant,shown,conversions,value
ann,a,10,1,5.5
ann,a,4,2,1.5
bob,b,8,0,0
cay,b,3,1,2
cay,a,3,1,2
dan,old,5,1,2
"""


def test_rows_of_a_user_are_added_and_users_of_two_variants_left_out(tmp_path: Path) -> None:
    csv, parquet = tmp_path / "sums.csv", tmp_path / "sums.parquet"
    csv.write_text(_ROWS)
    pl.read_csv(csv).write_parquet(parquet)
    for path in (csv, parquet):
        found = read_sums(path, ["a", "b", "c"])
        assert found.sums["a"].shown.tolist() == [14.0]
        assert found.sums["a"].value.tolist() == [7.0]
        assert found.sums["b"].conversions.tolist() == [0.0]
        assert found.sums["c"].shown.tolist() == []
        assert (found.in_several, found.of_others) == (1, 1)
        assert sorted(read_all_users(path).shown.tolist()) == [5.0, 6.0, 8.0, 14.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("user,variant,shown\nann,a,1\n", "sums.csv has no column conversions"),
        (
            "user,variant,shown,conversions\nann,a,1,0\nbob,a,-2,0\n",
            r"shown must be a number from 0 on, not '-2' \(record 2\)",
        ),
        ("user,variant,shown,conversions\nann,a,1,many\n", "conversions must be a number"),
        ("user,variant,shown,conversions\nann,a,nan,1\n", "shown must be a number"),
        ("user,variant,shown,conversions\nann,a,1,0\n,a,1,0\n", "user must not be empty .* 2"),
        ("user,variant,shown,conversions\nann,,1,0\n", "variant must not be empty"),
        ("", "is empty"),
    ],
)
def test_what_is_no_sum_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "sums.csv"
    path.write_text(text)
    with pytest.raises(FileRefused, match=message):
        read_sums(path, ["a"])


def test_without_a_value_each_is_worth_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sums.csv"
    path.write_text("user,variant,shown,conversions\nann,a,1,1\n")
    assert read_sums(path, ["a"]).sums["a"].value.tolist() == [0.0]
    for read in (lambda: read_sums(path, ["a"], "value"), lambda: read_all_users(path, "value")):
        with pytest.raises(FileRefused, match="has no column value"):
            read()
