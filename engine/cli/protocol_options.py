"""Options of the commands that measure: where the events come from and how they are cut."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from engine.cli.read_options import read_options
from engine.data.splits import SPLITS

_DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="A file of events or a folder of part files, read as engine ingest reads it, without a "
    "database. [default: the graph]",
)
relevance_option = click.option(
    "--relevant-from",
    type=float,
    metavar="WEIGHT",
    help="Least weight of a held-out event that is to be found: 4 of five stars. It is no part of "
    "what is learned: --set confidence=threshold. [default: every event is]",
)
_CUT = (
    click.option(
        "--split",
        type=click.Choice(SPLITS),
        default="auto",
        show_default=True,
        help="How the test part is cut. auto: by time, or at random where most events have none. "
        "given: events of the kind test.",
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
    """Add ``--data``, how it is read, ``--split``, ``--seed`` and ``--relevant-from``."""
    command = relevance_option(command)
    for add in reversed(_CUT):
        command = add(command)
    return _DATA(read_options(command))
