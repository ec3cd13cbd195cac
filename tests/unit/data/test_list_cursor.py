"""A cursor names the items of all pages so far, and is that of an answer or refused."""

import base64
import json
import zlib
from hashlib import sha256

import pytest

from engine.data.list_cursor import MAX_CURSOR, make_cursor, read_cursor
from engine.errors import UsageError


@pytest.mark.parametrize(
    "ids", [[], ["i1"], ["tea \u00e9 \U0001f375", 'a"b\\c'], [f"item-{n}" for n in range(1_000)]]
)
def test_what_is_listed_comes_back_in_its_order(ids: list[str]) -> None:
    cursor = make_cursor(ids)
    assert cursor is not None
    assert read_cursor(cursor) == tuple(ids)
    assert cursor.replace("-", "").replace("_", "").replace(".", "").isalnum(), "as it is in a URL"
    assert len(cursor) <= MAX_CURSOR


def test_there_is_none_where_too_much_is_listed_and_the_first_page_needs_none() -> None:
    assert make_cursor([f"i{n}" for n in range(1_001)]) is None
    assert make_cursor([sha256(str(n).encode()).hexdigest() for n in range(1_000)]) is None
    assert read_cursor(None) == ()


def _packed(value: object) -> str:
    packed = zlib.compress(json.dumps(value).encode())
    return "1." + base64.urlsafe_b64encode(packed).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        *("", "1.", "i1", "0" + _packed([]), _packed(["i1", "i2"])[:-3], _packed([]) + "\n"),
        *(_packed({}), _packed([1]), _packed([""]), _packed(["i"] * 1_001), _packed("[" * 99)),
        *(_packed("i" * 10_000_000), "1." + "A" * MAX_CURSOR, "1.\u00e9"),
    ],
    ids=range(14),
)
def test_what_no_answer_gave_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cursor must be the one of an answer") as refused:
        read_cursor(text)
    assert "first page" in refused.value.hint
