"""Log lines hold no secret and no control character."""

import pytest

from engine.logs import scrub


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
    assert scrub("a\x1b[2Jb\u202ec") == "a\\x1b[2Jb\\x202ec"
