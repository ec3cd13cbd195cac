"""What is wrong with a whole file of events."""

import polars as pl
import pytest

from engine.data.reading.file_tally import FileFault, FileLimits, FileTally
from engine.data.reading.rejection import Rejection


def _frame(users: list[str], items: list[str], first: int = 1) -> pl.DataFrame:
    pairs = list(zip(users, items, strict=True))
    return pl.DataFrame(
        {
            "row": range(first, first + len(pairs)),
            "user": users,
            "item": items,
            "key": [hash(pair) for pair in pairs],
        },
        schema={"row": pl.Int64, "user": pl.String, "item": pl.String, "key": pl.Int64},
    )


def _good(rows: int) -> pl.DataFrame:
    return _frame([f"u{n % 40}" for n in range(rows)], [f"i{n}" for n in range(rows)])


def _fault(*blocks: tuple[pl.DataFrame, list[Rejection]], **known: list[str]) -> FileFault | None:
    tally = FileTally(**known)  # type: ignore[arg-type]
    for block in blocks:
        tally.add(*block)
    return tally.fault(FileLimits())


def _code(*blocks: tuple[pl.DataFrame, list[Rejection]], **known: list[str]) -> str | None:
    found = _fault(*blocks, **known)
    return None if found is None else found.code


def test_a_usual_file_is_fit() -> None:
    known = {"known_users": [f"u{n}" for n in range(200)], "known_items": []}
    assert _code((_good(500), []), **known) is None


def test_no_events() -> None:
    assert _code() == "zero-events"
    assert _code((_good(0), [])) == "zero-events"


def test_cut_off_in_its_last_row_but_not_in_an_earlier_one() -> None:
    cut = Rejection(501, "missing-cell", "")
    assert _code((_good(500), [cut])) == "truncated"
    assert _code((_good(500), [Rejection(7, "missing-cell", "")])) is None


def test_bad_rows_are_counted_by_reason() -> None:
    bad = [Rejection(n, "type-error", "timestamp") for n in range(1, 61)]
    found = _fault((_good(500), bad))
    assert found is not None
    assert found.code == "bad-rows"
    assert found.message == "60 of 560 rows cannot be events (type-error 60)"


def test_duplicates_are_found_across_blocks() -> None:
    whole = _good(500)
    assert _code((whole, []), (whole[:120], [])) is None
    found = _fault((whole, []), (whole[:200], []))
    assert found == FileFault("duplicates", "200 of 700 rows stand in the file already (29%)")


def test_one_user_flood() -> None:
    flood = _frame(["bot"] * 600, [f"i{n}" for n in range(600)], first=501)
    found = _fault((_good(500), []), (flood, []))
    assert found == FileFault("one-user", "600 of 1100 rows are of one user (55%)")


@pytest.mark.parametrize("side", ["known_users", "known_items"])
def test_ids_that_nobody_knows_are_a_column_in_the_wrong_place(side: str) -> None:
    others = [f"x{n}" for n in range(200)]
    found = _fault((_good(500), []), **{side: others})
    assert found is not None
    assert found.code == "unknown-ids"
    assert side.removeprefix("known_") in found.message
    # A young graph knows too little to be a measure.
    assert _code((_good(500), []), **{side: others[:49]}) is None


def test_shares_of_few_rows_say_nothing() -> None:
    assert _code((_frame(["bot"] * 20, [f"i{n}" for n in range(20)]), [])) is None


def test_without_times_the_same_row_again_is_no_fault() -> None:
    frame = _frame(["u1", "u2"] * 50, ["i1"] * 100)
    timed = frame.with_columns(at=pl.lit(1, pl.Int64), event_id=pl.lit(None, pl.String))
    assert _code((timed, [])) == "duplicates"
    assert _code((timed.with_columns(at=pl.lit(None, pl.Int64)), [])) is None
    named = timed.with_columns(at=pl.lit(None, pl.Int64), event_id=pl.lit("e"))
    assert _code((named, [])) == "duplicates"


def test_a_part_that_is_cut_off_is_found_among_others() -> None:
    tally = FileTally()
    tally.add(_frame(["u1"], ["i1"]), [Rejection(2, "missing-cell", "")], "part-0")
    tally.add(_frame(["u1"] * 20, [f"i{n}" for n in range(20)]), [], "part-1")
    fault = tally.fault(FileLimits())
    assert fault is not None
    assert fault.code == "truncated"
