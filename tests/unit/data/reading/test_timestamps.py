"""One rule for times, against the standard library."""

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest

from engine.data.reading.timestamps import EARLIEST_MS, to_epoch_ms


def read(*texts: str | None) -> list[int | None]:
    frame = pl.DataFrame({"t": texts}, {"t": pl.String})
    return to_epoch_ms(frame["t"]).to_list()


def epoch(*parts: int, zone: timezone = UTC) -> int:
    return int(datetime(*parts, tzinfo=zone).timestamp() * 1000)  # type: ignore[arg-type, misc]


def test_an_epoch_in_any_unit_is_the_same_moment() -> None:
    moment = 1_700_000_000_000
    same = (
        "1700000000",
        "1700000000000",
        "1700000000000000",
        "1700000000000000000",
        "1.7e9",
        "1700000000.0",
        " 1700000000 ",
    )
    assert read(*same) == [moment] * len(same)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29", epoch(2024, 2, 29)),
        ("2024-02-29T12:30", epoch(2024, 2, 29, 12, 30)),
        ("2024-02-29 12:30:15", epoch(2024, 2, 29, 12, 30, 15)),
        ("2024-02-29t12:30:15z", epoch(2024, 2, 29, 12, 30, 15)),
        ("2024-02-29T12:30:15.5Z", epoch(2024, 2, 29, 12, 30, 15) + 500),
        ("2024-02-29T12:30+14:00", epoch(2024, 2, 29, 12, 30, zone=timezone(timedelta(hours=14)))),
        ("2024-02-29 12:30:00-0330", epoch(2024, 2, 29, 16, 0)),
        ("2024-02-29 12:30:00+00", epoch(2024, 2, 29, 12, 30)),
        # The hour that a clock shows twice is read once: without a zone it is UTC.
        ("2024-11-03T01:30:00", epoch(2024, 11, 3, 1, 30)),
    ],
)
def test_iso_8601(text: str, expected: int) -> None:
    assert read(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01 12:30:15 UTC", epoch(2024, 5, 1, 12, 30, 15)),
        ("2024-05-01 12:30:15.123456 UTC", epoch(2024, 5, 1, 12, 30, 15) + 123),
        ("2024-05-01T12:30:15 gmt", epoch(2024, 5, 1, 12, 30, 15)),
        ("2024-05-01 12:30:15 -0500", epoch(2024, 5, 1, 17, 30, 15)),
        ("2024-05-01 12:30:15.5 +00:00", epoch(2024, 5, 1, 12, 30, 15) + 500),
        ("2024-05-01 12:30 +05:30", epoch(2024, 5, 1, 7, 0)),
        ("20240501T123015Z", epoch(2024, 5, 1, 12, 30, 15)),
        ("20240501T123015.25+0200", epoch(2024, 5, 1, 10, 30, 15) + 250),
        ("20240501T1230", epoch(2024, 5, 1, 12, 30)),
        ("20240501 12:30:15", epoch(2024, 5, 1, 12, 30, 15)),
        ("20240501", epoch(2024, 5, 1)),
        ("202405011230", epoch(2024, 5, 1, 12, 30)),
        ("20240501123015", epoch(2024, 5, 1, 12, 30, 15)),
        ("2024-05-01T12:30:15,123Z", epoch(2024, 5, 1, 12, 30, 15) + 123),
        ("2024-05-01T12:30:15+02:00[Europe/Berlin]", epoch(2024, 5, 1, 10, 30, 15)),
        ("2024-05-01T12:30:15Z [Etc/UTC]", epoch(2024, 5, 1, 12, 30, 15)),
        ("2024-05-01T12:30:15.123456789Z", epoch(2024, 5, 1, 12, 30, 15) + 123),
        ("2024/05/01 12:30", epoch(2024, 5, 1, 12, 30)),
        ("2024-05-01 UTC", epoch(2024, 5, 1)),
        ("2024-05-01 12:30:15.5 +0200 CEST", epoch(2024, 5, 1, 10, 30, 15) + 500),
        ("2024-05-01 12:30:15.5 +0000 UTC m=+0.01", epoch(2024, 5, 1, 12, 30, 15) + 500),
        ("2024-05-01 12:30:15 +02:00 Europe/Berlin", epoch(2024, 5, 1, 10, 30, 15)),
        ("2024-05-01 12:30:15 Etc/UTC", epoch(2024, 5, 1, 12, 30, 15)),
        ("2024-05-01T12:30:15\u221205:00", epoch(2024, 5, 1, 17, 30, 15)),
        ("2024-05-01 12:30 UTC+2", epoch(2024, 5, 1, 10, 30)),
        ("Wed, 01 May 2024 12:30:15 GMT", epoch(2024, 5, 1, 12, 30, 15)),
        ("Wed, 1 May 2024 12:30:15 -0700", epoch(2024, 5, 1, 19, 30, 15)),
        ("Wed May 01 2024 12:30:15 GMT+0200 (CEST)", epoch(2024, 5, 1, 10, 30, 15)),
        ("Wed May  1 12:30:15 2024", epoch(2024, 5, 1, 12, 30, 15)),
        ("Wed May 01 12:30:15 +0200 2024", epoch(2024, 5, 1, 10, 30, 15)),
        ("01/May/2024:12:30:15 +0000", epoch(2024, 5, 1, 12, 30, 15)),
        ("01-MAY-2024", epoch(2024, 5, 1)),
        ("September 5, 2023 at 12:30", epoch(2023, 9, 5, 12, 30)),
        ("2024-May-01", epoch(2024, 5, 1)),
        ("2024/5/1 9:05", epoch(2024, 5, 1, 9, 5)),
        ("2024-5-1 9:05", epoch(2024, 5, 1, 9, 5)),
        ("2024.05.01 12:30", epoch(2024, 5, 1, 12, 30)),
        ("2024. 5. 1.", epoch(2024, 5, 1)),
        ("2024年5月1日 12:30", epoch(2024, 5, 1, 12, 30)),
        ("\u0662\u0660\u0662\u0664-\u0660\u0665-\u0660\u0661", epoch(2024, 5, 1)),
        ("\u200e2024-05-01", epoch(2024, 5, 1)),
        ("2024-05-01-12.30.15.500000", epoch(2024, 5, 1, 12, 30, 15) + 500),
        ("20240501123015500", epoch(2024, 5, 1, 12, 30, 15) + 500),
        ("20240501123015.5", epoch(2024, 5, 1, 12, 30, 15) + 500),
    ],
)
def test_what_other_tools_write(text: str, expected: int) -> None:
    assert read(text, "2024-02-29", None) == [expected, epoch(2024, 2, 29), None]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2024-05-01T12:30:15[Europe/Berlin]",
        "2024-05-01 12:30:15 CET",
        "2024/13/01",
        "20240501T250000Z",
        "05.01.2023",
        "2024-02-30",
        "2024-01-01T24:00:00",
        "2016-12-31T23:59:60Z",
        "2024-01-01T10:00+15:99",
        "2024-01-01T10",
        "01/02/2024",
        "1e",
        "--1",
        # The ticks of .NET: nanoseconds of 1990 otherwise.
        "638501544000000000",
        "01-MAY-24",
        "Mayor 5 2024",
        "1. Mai 2024",
        "Wed May  1 12:30:15 PDT 2024",
        "2024/5/1 9:05 PM",
        "2024. 13. 1.",
    ],
)
def test_no_time(text: str) -> None:
    assert read(text, None) == [None, None]


@pytest.mark.parametrize("text", ["-5", "0", "1970-01-01", "-0001-01-01", "19791231", "20240230"])
def test_long_ago(text: str) -> None:
    (moment,) = read(text)
    assert moment is not None
    assert moment < EARLIEST_MS


@pytest.mark.parametrize(
    "text", ["9999-12-31", "292278994-08-17", "+12024-01-01", "1e300", "9" * 40]
)
def test_far_ahead(text: str) -> None:
    (moment,) = read(text)
    assert moment is not None
    assert moment > epoch(2100, 1, 1)
