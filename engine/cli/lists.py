"""``engine lists``: names for lists with their options."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.cli.list_options import list_options
from engine.cli.list_sources import list_source_options

if TYPE_CHECKING:
    from engine.api import Engine, ListOptions

_COLUMNS = ("name", "options", "defined_in", "changed_at", "who")
_HISTORY = ("at", "name", "options", "who")
# What a list does where nothing is said: such options are not kept.
_NOTHING: tuple[Any, ...] = (None, (), [], {})


@click.group(
    invoke_without_command=True,
    help="Name lists with their options, for the places of a shop; alone: show them. "
    "Asked for as engine recommend USER --list NAME and GET /v1/lists/NAME.",
    epilog="Example: engine lists set cart --by for-you -k 12 --fallback trending",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show every named list where no command follows."""
    if context.invoked_subcommand is not None:
        return
    engine: Engine = context.obj
    rows = [vars(one) for one in engine.named_lists()]
    if as_json:
        render.emit_json(rows)
        return
    render.table([row | {"options": _said(row["options"])} for row in rows], _COLUMNS, "Lists")
    if not rows:
        render.note("No list has a name yet. Next: engine lists set cart --by for-you -k 12")


@command.command(
    "set",
    help="Give NAME to a list with these options, in place of what had it.",
    epilog="Example: engine lists set cart --by next -k 12 --where category=tea --fallback popular",
)
@click.argument("name")
@list_source_options
@list_options
@click.pass_obj
def set_list(
    engine: "Engine", /, name: str, k: int, options: "ListOptions", **sources: Any
) -> None:
    """Set a list; a running service shows it within a second or two."""
    given = {key: value for key, value in {**sources, **options}.items() if value not in _NOTHING}
    if given["exclude_seen"]:
        del given["exclude_seen"]
    for option in ("damping", "explore"):
        if not given[option]:
            del given[option]
    changed = engine.set_list(name, k=k, **given)
    render.note(f"{name}: {_said(changed.options)}. Services show it within a second.")


@command.command(
    help="Show who changed NAME when, and to what, newest first; or every list.",
    epilog="Example: engine lists history cart",
)
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def history(engine: "Engine", name: str | None, as_json: bool) -> None:
    """List changes."""
    changes = engine.list_history(name)
    rows = [vars(one) for one in changes]
    if as_json:
        render.emit_json(rows)
        return
    render.table([row | {"options": _said(row["options"])} for row in rows], _HISTORY, "Changes")


@command.command(
    help="Take NAME from its list in the graph; one of engine.toml counts again.",
    epilog="Example: engine lists remove cart",
)
@click.argument("name")
@click.pass_obj
def remove(engine: "Engine", name: str) -> None:
    """Remove a name; its history stays."""
    engine.remove_list(name)
    render.note(f"{name} is removed; engine lists history {name} shows what it was.")


def _said(options: Mapping[str, Any] | None) -> str:
    if options is None:
        return "removed"
    return ", ".join(f"{name} = {value}" for name, value in options.items())
