"""``engine ingest``: flags that do not go together, and shares that are none."""

from pathlib import Path

import pytest

from engine.errors import FileRefused

from .refusal import refused


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "no file is named"),
        (["a.csv", "--follow", "b.jsonl"], "--follow goes without other files"),
        (["a.csv", "--items", "b.csv", "--columns", "x,y"], "--columns without a kind"),
        (["a.csv", "--max-bad", "five"], "--max-bad five"),
        (["a.csv", "--max-bad", "101%"], "--max-bad 101%"),
        (["a.csv", "--map", "item_id"], "--map 'item_id' is not NAME=VALUE"),
    ],
)
def test_flags_that_cannot_be_used_are_refused(arguments: list[str], says: str) -> None:
    assert says in refused("ingest", *arguments).message


def test_a_file_that_cannot_be_used_stops_it_before_a_database_is_started(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text("colour,size\nred,5\n", encoding="utf-8")
    assert isinstance(refused("ingest", str(file)), FileRefused)
