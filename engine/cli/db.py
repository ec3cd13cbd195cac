"""``engine db``: the engine's own Neo4j."""

from typing import TYPE_CHECKING

import click

from engine.cli import render

if TYPE_CHECKING:
    from engine.api import Engine


@click.group(help="Start, stop and inspect the engine's own Neo4j.")
def command() -> None:
    """Group of the local server's commands."""


@command.command(epilog="Example: engine db start")
@click.pass_obj
def start(engine: "Engine") -> None:
    """Start the server; the first time its 174 MB of jars are downloaded and verified."""
    target = engine.database_start()
    render.note(f"Neo4j answers at {target.uri}")
    if lack := engine.database_lacks():
        render.note(lack)


@command.command(epilog="Example: engine db stop")
@click.pass_obj
def stop(engine: "Engine") -> None:
    """Stop the server. The graph stays on disk."""
    stopped = engine.database_stop()
    render.note("Neo4j is stopped" if stopped else "Neo4j was not running")


@command.command(epilog="Example: engine db status --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(engine: "Engine", as_json: bool) -> None:
    """Show where the server is, its process, versions and size on disk."""
    described = engine.database_status()
    if as_json:
        render.emit_json(described)
    else:
        rows = [{"what": name, "value": value} for name, value in described.items()]
        render.table(rows, ("what", "value"))


@command.command(epilog="Example: engine db logs --lines 50")
@click.option("--lines", default=100, show_default=True, type=click.IntRange(1), help="How many.")
@click.pass_obj
def logs(engine: "Engine", lines: int) -> None:
    """Print the last lines of the server's log."""
    shown = engine.database_log(lines)
    if shown is None:
        render.note("the server has not been started yet: engine db start")
        return
    for line in shown:
        render.say(line)


@command.command(epilog="Example: engine db reset --yes")
@click.confirmation_option(prompt="Delete the whole graph of this ENGINE_HOME?")
@click.pass_obj
def reset(engine: "Engine") -> None:
    """Stop the server and delete its graph."""
    engine.database_reset()
    render.note("the local graph is deleted")


@command.command(epilog="Example: engine db lock")
@click.pass_obj
def lock(engine: "Engine") -> None:
    """Make the lock of the server's jars anew (for maintainers; takes minutes)."""
    render.note(f"the lock names {engine.database_lock()} jars")
