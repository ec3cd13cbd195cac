"""Print results: tables for people, JSON for programs. Data goes to stdout, the rest to stderr."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from engine.logs import scrub


def emit_json(value: Any) -> None:
    """Print ``value`` as JSON on stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], title: str = "") -> None:
    """Print rows as a table on stdout; control characters in the data are shown, not obeyed."""
    grid = Table(title=title or None, title_justify="left", header_style="bold", box=None)
    for column in columns:
        numeric = all(isinstance(row.get(column), int | float) for row in rows)
        grid.add_column(column, justify="right" if numeric and rows else "left")
    for row in rows:
        grid.add_row(*(Text(_cell(row.get(column))) for column in columns))
    Console().print(grid)


def note(text: str) -> None:
    """Print a line for people on stderr."""
    click.echo(scrub(text), err=True)


def progress() -> Progress:
    """Return the progress bar every long command uses; it writes to stderr."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[detail]}"),
        console=Console(stderr=True),
        transient=True,
    )


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4f}"
    return scrub(str(value))
