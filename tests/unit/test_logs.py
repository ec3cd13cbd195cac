"""Log lines hold no secret and no control character."""

import logging

import pytest

from engine.logs import ScrubbingFormatter, scrub


@pytest.mark.parametrize(
    "line",
    [
        "password=s3cret-value",
        "{'password': 's3cret-value'}",
        "neo4j://user:s3cret-value@host:7687",
        "api_key: s3cret-value",
    ],
)
def test_secrets_are_hidden(line: str) -> None:
    assert "s3cret-value" not in scrub(line)


def test_control_characters_are_shown() -> None:
    assert scrub("a\x1b[2Jb\u202ec") == "a\\x1b[2Jb\\u202ec"


def test_a_line_of_the_log_is_one_line() -> None:
    record = logging.LogRecord("engine", 30, __file__, 1, "item %s", ("x\nforged\x9b",), None)
    line = ScrubbingFormatter().format(record)
    assert line.endswith("WARNING engine: item x\\x0aforged\\x9b")
    assert "\n" not in line


def test_a_traceback_in_the_log_keeps_its_lines() -> None:
    try:
        raise ValueError("token=abc \x1b[31m")
    except ValueError as error:
        caught = (type(error), error, error.__traceback__)
    record = logging.LogRecord("engine", 40, __file__, 1, "broke", (), caught)
    lines = ScrubbingFormatter().format(record).splitlines()
    assert len(lines) >= 4
    assert lines[-1] == "ValueError: token=*** \\x1b[31m"
