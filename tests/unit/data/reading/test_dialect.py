"""What stands between two cells is found, and what is found is said."""

import pytest

from engine.data.reading.dialect import find_dialect, sep_line


def found(text: str, expected: str = ",", *columns: str, given: str | None = None) -> str:
    return find_dialect(text, expected, columns, given).delimiter


@pytest.mark.parametrize("mark", [",", ";", "|", "\t"])
@pytest.mark.parametrize("expected", [",", "\t"])
def test_the_delimiter_is_found_whatever_the_suffix_says(mark: str, expected: str) -> None:
    text = "user_id,item_id,note\nu,i,x\nv,j,\nw,k".replace(",", mark)
    assert found(text, expected) == mark
    assert found(text.partition("\n")[2], expected, "a", "b", "c") == mark


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b,tags\n1,2,x|y|z\n", ","),
        ('a,b,"c;d;e;f"\n1,2,3\n', ","),
        ("a;b;price\n1;2;4,50\n3;4;5,25\n", ";"),
        ("a;b;price,EUR\n1;2;4,50\n3;4;5,25\n", ";"),
        ("a,b\n1\n2\n", ","),
        ("a\n1\n", ","),
        ("", ","),
    ],
)
def test_other_marks_in_cells_do_not_matter(text: str, delimiter: str) -> None:
    assert found(text) == delimiter


def test_what_is_said_is_not_found() -> None:
    assert found("a;b\n1;2\n", given="|") == "|"


def test_the_line_of_excel_names_the_delimiter() -> None:
    assert sep_line("sep=;\r\na;b\n") == (";", 7)
    assert sep_line('"sep=|"\na|b\n') == ("|", 8)
    assert sep_line("separator\n") == (None, 0)


def test_blanks_after_every_delimiter_are_no_part_of_cells() -> None:
    assert find_dialect('a, b\n1, "x, y"\n2, \n', ",", (), None).padded
    assert find_dialect("a,b\n1, x\n2, y\n", ",", (), None).padded
    assert not find_dialect("a,b\n1, x\n2,y\n", ",", (), None).padded
    assert not find_dialect("a, b\n1,x\n", ",", (), None).padded


@pytest.mark.parametrize(
    ("text", "comma"),
    [
        ("a;b\nx;1,5\n", True),
        ("a;b\nx;1.5\n", True),
        ("a|b\nx|1,5\n", True),
        ("a\tb\nx\t1,234\n", False),
        ("a|b\nx|1,5\ny|1.5\n", False),
        ('a,b\nx,"1,5"\n', False),
    ],
)
def test_a_decimal_comma_is_found(text: str, comma: bool) -> None:
    assert find_dialect(text, ",", (), None).decimal_comma == comma


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a\tb\n1\tx\ty\n2\tz\tw\n", ["column 1", "a", "b"]),
        ("a,b\nx,y,\nz,w,\n", ["a", "b", "column 3"]),
        ("a,b\nx,y,v\nz,w,v\n", ["a", "b"]),
        ("a,b\nx,y\n", ["a", "b"]),
    ],
)
def test_rows_may_have_a_cell_without_a_name(text: str, names: list[str]) -> None:
    dialect = find_dialect(text, ",", (), None)
    assert dialect.names(["a", "b"]) == names


def test_what_is_found_is_said() -> None:
    said = find_dialect("a; b\n1; 2,5\n", ",", (), None).remarks()
    assert said == [
        "cells are separated by ';'",
        "blanks around cells are left out",
        "a comma is a decimal mark, a point stands before thousands",
    ]
    assert find_dialect("a,b\n1,2\n", ",", (), None).remarks() == []


@pytest.mark.parametrize(
    ("text", "grouping"),
    [
        ("a\tb\tc\nx\t1,5\t1.234\n", True),
        ("a;b;c\nx;1,5;1.234\n", True),
        ("a;b\nx;1.234\n", False),
        ("a;b;c\nx;1,5;2.5\n", False),
        ("a;b;c\nx;1,5;0.125\n", False),
    ],
)
def test_a_point_before_thousands_is_found(text: str, grouping: bool) -> None:
    assert find_dialect(text, ",", (), None).grouping_point == grouping
