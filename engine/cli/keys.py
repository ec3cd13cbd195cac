"""``engine keys``: who may ask the service what."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine

_COLUMNS = ("id", "name", "scopes", "created_at", "expires_at", "revoked_at")
_SCOPES = ("read", "write", "admin")


@click.group(help="Make, list and revoke the keys of engine serve.")
def command() -> None:
    """Group of the keys' commands."""


@command.command(epilog="Example: engine keys create shop --scope read --scope write --days 90")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(_SCOPES), required=True)
@click.option(
    "--days", type=click.IntRange(1, 3_650), help="Expires after so many; if not given: never."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def create(
    engine: "Engine", name: str, scopes: tuple[Any, ...], days: int | None, as_json: bool
) -> None:
    """Make a key and print it, once. A name may have two: make the new one, then revoke the old."""
    made = engine.create_key(name, scopes, days=days)
    if as_json:
        render.emit_json({"id": made.key.id, "key": made.text, "scopes": made.key.scopes})
        return
    click.echo(made.text)
    render.note(f"This is shown once; of key {made.key.id} only a hash is kept.")


@command.command("list", epilog="Example: engine keys list --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_keys(engine: "Engine", as_json: bool) -> None:
    """List every key ever made, without its secret."""
    rows = [asdict(key) for key in engine.list_keys()]
    for row in rows:
        del row["digest"]
    if as_json:
        render.emit_json(rows)
        return
    for row in rows:
        row["scopes"] = " ".join(row["scopes"])
    render.table(rows, _COLUMNS, "Keys")
    if not rows:
        render.note("No key yet. Next: engine keys create NAME --scope read")


@command.command(epilog="Example: engine keys revoke 0123456789ab")
@click.argument("id_", metavar="ID")
@click.pass_obj
def revoke(engine: "Engine", id_: str) -> None:
    """Close a key for good; a running service follows within seconds."""
    key = engine.revoke_key(id_)
    render.note(f"Key {key.id} of {key.name} is closed.")
