"""Options of the commands that measure: where the events come from and how they are cut."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.data.splits import SPLITS
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.loading.load import IngestRequest

_OPTIONS = (
    click.option(
        "--data",
        type=click.Path(path_type=Path, dir_okay=False),
        help="A file of events, read as engine ingest reads it, without a database. "
        "[default: the graph]",
    ),
    click.option(
        "--format",
        default="auto",
        show_default=True,
        type=click.Choice(["auto", "csv", "tsv", "jsonl", "parquet", "adjacency"]),
        help="Format of that file; auto goes by the suffix.",
    ),
    click.option(
        "--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="Which column is it."
    ),
    click.option(
        "--split",
        type=click.Choice(SPLITS),
        default="time",
        show_default=True,
        help="How the test part is cut. given: events of the kind test.",
    ),
    click.option(
        "--seed",
        default=0,
        show_default=True,
        type=click.IntRange(min=0),
        metavar="N",
        help="Of all random draws.",
    ),
)


def protocol_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--data``, ``--format``, ``--map``, ``--split`` and ``--seed``."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


def reading(format: str, mapping: tuple[str, ...]) -> "IngestRequest":
    """Return how the file of events is read."""
    from engine.loading.load import IngestRequest

    return IngestRequest(format=format, mapping=pairs(mapping, "--map", "item_id=sku"))


def pairs(given: tuple[str, ...], flag: str, example: str) -> dict[str, str]:
    """Return name -> value of texts such as ``NAME=VALUE``.

    Raises:
        UsageError: A text is no pair.
    """
    split = [text.partition("=") for text in given]
    if wrong := [name for name, _, value in split if not name or not value]:
        raise UsageError(f"{flag} {wrong[0]}: not a pair", hint=f"write {flag} {example}")
    return {name.strip(): value.strip() for name, _, value in split}
