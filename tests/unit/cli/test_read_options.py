"""The flags that say how files are read are the same for every command that takes one."""

from typing import Any

import click
import pytest

from engine.cli import COMMANDS, cli
from engine.cli.read_options import read_options, taken
from engine.data.reading.read_options import ReadOptions
from engine.errors import UsageError


def read(*arguments: str) -> ReadOptions:
    found: list[ReadOptions] = []

    @click.command()
    @read_options
    def command(**given: Any) -> None:
        found.append(taken(given))
        assert not given

    command.main(arguments, standalone_mode=False)
    return found[0]


def test_without_flags_the_file_decides() -> None:
    assert read() == ReadOptions()


def test_flags_are_what_they_say() -> None:
    given = read(
        *("--format", "csv", "--delimiter", "tab", "--map", "item_id=sku", "--map", "weight=stars"),
        *("--skip", "Body (HTML)", "--kind", "Product Viewed=view", "--event", "buy"),
        *("--only-event", "view"),
    )
    assert given == ReadOptions(
        format="csv",
        delimiter="\t",
        mapping={"item_id": "sku", "weight": "stars"},
        skip=("Body (HTML)",),
        kinds={"Product Viewed": "view"},
        default_event="buy",
        allowed_events=("view",),
    )


def test_columns_are_of_the_only_file_or_of_a_kind() -> None:
    given = read("--columns", "a, b", "--columns", "links=item_id,entity_id")
    assert given.of("facts").columns == ("a", "b")
    assert given.of("links").columns == ("item_id", "entity_id")
    assert given.beside("links").columns == ("item_id", "entity_id")
    assert given.beside("predictions").columns == ()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--map", "sku"),
        ("--kind", "=view"),
        ("--delimiter", "::"),
        ("--delimiter", '"'),
        ("--columns", "a,b", "--columns", "c"),
    ],
)
def test_a_flag_that_cannot_be_used(arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as refused:
        read(*arguments)
    assert refused.value.hint


@pytest.mark.parametrize("name", ["ingest", "compare", "evaluate", "tune", "retrain"])
def test_every_command_that_takes_a_file_has_them(name: str) -> None:
    assert name in COMMANDS
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    flags = {flag for one in command.params for flag in one.opts}
    assert flags >= {"--format", "--delimiter", "--columns", "--map", "--skip", "--kind"}
