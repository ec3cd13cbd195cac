"""``engine query``: the methods of the catalogue, one Cypher file each."""

import csv
import io
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.cli.name_value import literal_pairs

if TYPE_CHECKING:
    from engine.api import Engine

_SHOWN = 100


@click.group(help="List, show and run the graph methods: one Cypher file each.")
def command() -> None:
    """Group of the query commands."""


@command.command(
    "list",
    help="List the graph methods.",
    epilog="Example: engine query list --all",
)
@click.option("--all", "everything", is_flag=True, help="Every file, also those commands use.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(engine: "Engine", everything: bool, as_json: bool) -> None:
    """Print names and purposes."""
    rows = [
        {"name": one.name, "purpose": one.purpose, "mode": one.mode, "needs": one.needs}
        for one in engine.queries(everything=everything)
    ]
    if as_json:
        render.emit_json(rows)
        return
    columns = ("name", "purpose", *(("mode",) if everything else ()), "needs")
    render.table(rows, columns)
    render.note("Next: engine query show NAME")


@command.command(
    help="Show what a query returns and takes, and its text, which Neo4j Browser runs as it is.",
    epilog="Example: engine query show similarity/jaccard --param one=green-tea",
)
@click.argument("name")
@click.option("--param", "given", multiple=True, metavar="NAME=VALUE", help="Fill in; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show(engine: "Engine", name: str, given: tuple[str, ...], as_json: bool) -> None:
    """Print one query."""
    one = engine.find_query(name)
    said = engine.describe_query(one.name, literal_pairs(given, "--param", "k=10"))
    if as_json:
        render.emit_json(said)
        return
    render.note(f"{one.name}: {one.purpose}")
    for title, lines in (
        ("Parameters", [parameter.as_text() for parameter in one.params.values()]),
        ("Names", [slot.as_text() for slot in one.slots.values()]),
        ("Columns", [f"{column}: {kind}" for column, kind in one.columns.items()]),
        ("Needs", [one.needs] if one.needs else []),
        ("Complexity", [one.complexity] if one.complexity else []),
        ("Source", [one.source] if one.source else []),
    ):
        if lines:
            render.note("\n  ".join([f"{title}:", *lines]))
    render.say(said["browser"])


@command.command(
    help="Run a query. Parameters and names of labels or relationship types go by --param.",
    epilog="Example: engine query run similarity/jaccard --param one=green-tea --param k=5",
)
@click.argument("name")
@click.option("--param", "given", multiple=True, metavar="NAME=VALUE", help="Repeatable.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="How to print the rows.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--limit", type=click.IntRange(min=1), help="Rows to print at most.")
@click.option("--write", is_flag=True, help="Allow a query that writes.")
@click.pass_obj
def run(
    engine: "Engine",
    name: str,
    given: tuple[str, ...],
    form: str,
    as_json: bool,
    limit: int | None,
    write: bool,
) -> None:
    """Print the rows of one query."""
    values = literal_pairs(given, "--param", "k=10")
    form = "json" if as_json else form
    if limit is None and form == "table":
        limit = _SHOWN
    answer = engine.query(name, values, limit=limit, write=write)
    if form == "json":
        render.emit_json(answer.rows)
    elif form == "csv":
        _csv(answer.columns, answer.rows)
    else:
        render.table(answer.rows, answer.columns)
    if answer.more:
        render.note(f"These are the first {limit} rows: --limit shows more.")
    elif not answer.rows:
        render.note("No row: the ids and names are known, but nothing matches.")


def _csv(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """Print rows as CSV: lists and maps as JSON, nothing as an empty field.

    A terminal is shown control characters; a file or a pipe gets the data as it is.
    """
    out = io.StringIO() if sys.stdout.isatty() else sys.stdout
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_field(row[column]) for column in columns])
    if isinstance(out, io.StringIO):
        render.say(out.getvalue().removesuffix("\n"))


def _field(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    # A spreadsheet must take no text of the data for a formula.
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value
