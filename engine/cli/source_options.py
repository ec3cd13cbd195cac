"""What ``engine ingest`` reads: paths, and addresses of databases with a query for each."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from engine.data.sql_query import SqlQuery, check_is_database, is_address
from engine.errors import UsageError

_KINDS = ("events", "items", "users", "facts")


class SourcePath(click.Path):
    """A path, or the address of a server, which stays the text that it is."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | Path:
        """Return a path, or an address."""
        if is_address(value):
            return str(value)
        return Path(os.fsdecode(super().convert(value, param, ctx)))


def take_queries(given: dict[str, Any]) -> None:
    """Put a query in the place of each address, out of the values of these options.

    Raises:
        UsageError: A query has no address, or an address none; an address is not of a database.
    """
    queries = _of_kinds(given.pop("query"), "--query", "'SELECT ...'")
    watermarks = _of_kinds(given.pop("watermark"), "--watermark", "updated_at")
    for kind in _KINDS:
        flag = "" if kind == "events" else f"{kind}="
        if not is_address(given[kind]):
            if kind in queries or kind in watermarks:
                option = "--query" if kind in queries else "--watermark"
                raise UsageError(
                    f"{option}: {kind} are read from no database",
                    hint="name its address, such as postgresql://USER@HOST/DATABASE",
                )
        else:
            check_is_database(given[kind])
            if kind not in queries:
                raise UsageError(
                    f"no query says which rows of the database are {kind}",
                    hint=f"--query {flag}'SELECT ...'",
                )
            given[kind] = SqlQuery(given[kind], queries[kind], watermarks.get(kind))


def _of_kinds(texts: Sequence[str], option: str, example: str) -> dict[str, str]:
    """Return kind -> text; one that names no kind is of the events."""
    found: dict[str, str] = {}
    for text in texts:
        kind, equals, rest = text.partition("=")
        named = bool(equals) and kind in _KINDS
        kind, value = (kind, rest) if named else ("events", text)
        if kind in found or not value.strip():
            fault = "is given twice" if kind in found else "is empty"
            raise UsageError(
                f"{option} of the {kind} {fault}",
                hint=f"write {option} {example}, of other kinds {option} items={example}",
            )
        found[kind] = value
    return found
