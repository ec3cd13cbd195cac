"""The options of every command that takes a file: how the file is read."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from engine.cli.name_value import pairs
from engine.errors import UsageError
from engine.plugins import ExtensibleNames

if TYPE_CHECKING:
    from engine.data.reading.read_options import ReadOptions

_KINDS = ("events", "items", "users", "facts", "links", "predictions")
_FORMATS = tuple(
    ExtensibleNames("engine.readers", ("auto", "csv", "tsv", "jsonl", "parquet", "adjacency"))
)
_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_OPTIONS = (
    click.option(
        "--format",
        default="auto",
        show_default=True,
        type=click.Choice(_FORMATS),
        help="Format of the files; auto goes by the suffix.",
    ),
    click.option(
        "--delimiter",
        metavar="CHARACTER",
        help="What stands between two cells of a text file: ';', '|', tab. [default: it is found]",
    ),
    click.option(
        "--columns",
        multiple=True,
        metavar="[KIND=]NAME,NAME,…",
        help="The columns of a CSV or TSV file without a header; KIND is events, items, users, "
        "facts, links or predictions where there are several files.",
    ),
    click.option(
        "--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="Which column is it."
    ),
    click.option(
        "--skip",
        multiple=True,
        metavar="COLUMN",
        help="A column that is not to be read; repeatable.",
    ),
    click.option(
        "--kind",
        "kinds",
        multiple=True,
        metavar="TEXT=KIND",
        help="What a kind of event is to be called: 'Product Viewed=view'; repeatable.",
    ),
    click.option(
        "--event",
        "default_event",
        default="interaction",
        show_default=True,
        help="Kind of events that name none.",
    ),
    click.option(
        "--only-event", "allowed_events", multiple=True, help="Accept only these kinds of event."
    ),
)


def read_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how files are read."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


def taken(given: dict[str, Any]) -> "ReadOptions":
    """Take the values of these options out of ``given`` and return what they say.

    Raises:
        UsageError: A value cannot be used.
    """
    from engine.data.reading.read_options import ReadOptions

    columns, columns_of = _columns(given.pop("columns"))
    return ReadOptions(
        format=given.pop("format"),
        delimiter=_delimiter(given.pop("delimiter")),
        columns=columns,
        columns_of=columns_of,
        mapping=pairs(given.pop("mapping"), "--map", "item_id=sku"),
        skip=tuple(given.pop("skip")),
        kinds=pairs(given.pop("kinds"), "--kind", "'Product Viewed=view'"),
        default_event=given.pop("default_event"),
        allowed_events=tuple(given.pop("allowed_events")),
    )


def _delimiter(text: str | None) -> str | None:
    if text is None:
        return None
    found = _DELIMITERS.get(text.lower(), text)
    if len(found) != 1 or found in '"\r\n' or not found.isascii():
        raise UsageError(
            f"--delimiter {text!r}: not one ASCII character",
            hint="write the character itself, or tab, comma, semicolon, pipe or space",
        )
    return found


def _columns(given: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Return the columns of the only file and those of the files of a kind."""
    alone: list[tuple[str, ...]] = []
    of: dict[str, tuple[str, ...]] = {}
    for text in given:
        kind, equals, rest = text.partition("=")
        names = tuple(
            name.strip() for name in (rest if equals and kind in _KINDS else text).split(",")
        )
        if equals and kind in _KINDS:
            of[kind] = names
        else:
            alone.append(names)
    if len(alone) > 1:
        raise UsageError(
            "--columns is given twice for one file",
            hint="say which file each is of: --columns items=item_id,title",
        )
    return (alone[0] if alone else ()), of
