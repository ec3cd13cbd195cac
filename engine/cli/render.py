"""Print results: tables for people, JSON for programs. Data goes to stdout, the rest to stderr.

Every text passes here, so that no control character of the data reaches a terminal.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine import logs
from engine.logs import scrub, scrub_json

_ENDLESS = 10_000


def emit_json(value: Any) -> None:
    """Print ``value`` as JSON on stdout."""
    click.echo(scrub_json(json.dumps(value, indent=2, ensure_ascii=False, default=str)))


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], title: str = "") -> None:
    """Print rows as a table on stdout; control characters in the data are shown, not obeyed."""
    grid = Table(header_style="bold", box=None, pad_edge=False)
    for column in columns:
        numeric = all(isinstance(row.get(column), int | float) for row in rows)
        grid.add_column(
            Text(scrub(column, one_line=True)), justify="right" if numeric and rows else "left"
        )
    for row in rows:
        grid.add_row(*(Text(_cell(row.get(column))) for column in columns))
    # A file or a pipe has no edge to wrap or to cut at.
    console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else _ENDLESS)
    if title:  # not the grid's own, which would wrap at the grid's width
        console.print(Text(scrub(title, one_line=True), style="bold"))
    console.print(grid)


def flipped(done: Mapping[str, Any], as_json: bool) -> None:
    """Print which generation serves now."""
    if as_json:
        emit_json(done)
    elif not done["moved"]:
        note(f"Generation {done['generation']} was in service already; nothing was done.")
    else:
        before = "" if done["previous"] is None else f" in place of {done['previous']}"
        note(f"Generation {done['generation']} is in service{before}.")


def say(text: str = "") -> None:
    """Print a line on stdout; control characters in it are shown, not obeyed."""
    click.echo(scrub(text))


def note(text: str) -> None:
    """Print a line for people on stderr, or log it where what stands there is JSON."""
    if logs.are_json():
        logging.getLogger(logs.PROGRESS).info("%s", text)
        return
    click.echo(scrub(text), err=True)


def width() -> int:
    """Return how many characters a line on stdout may have."""
    return Console().width


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return scrub(str(value), one_line=True)
