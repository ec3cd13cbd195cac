"""``engine db``: the engine's own Neo4j."""

import click

from engine.cli import neo4j_start, render
from engine.cli.progress import progress_reporter
from engine.config import Settings


@click.group(help="Start, stop and inspect the engine's own Neo4j.")
def command() -> None:
    """Group of the local server's commands."""


@command.command(epilog="Example: engine db start")
@click.pass_obj
def start(settings: Settings) -> None:
    """Start the server; the first time its 174 MB of jars are downloaded and verified."""
    from engine.usecases import local_database

    with neo4j_start.start_bar() as advance:
        target = local_database.ensure_local(settings, advance)
    render.note(f"Neo4j answers at {target.uri}")
    if lack := local_database.lacks(settings):
        render.note(lack)


@command.command(epilog="Example: engine db stop")
@click.pass_obj
def stop(settings: Settings) -> None:
    """Stop the server. The graph stays on disk."""
    from engine.usecases import local_database

    stopped = local_database.stop(settings)
    render.note("Neo4j is stopped" if stopped else "Neo4j was not running")


@command.command(epilog="Example: engine db status --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Show where the server is, its process, versions and size on disk."""
    from engine.usecases import local_database

    described = local_database.database_status(settings)
    if as_json:
        render.emit_json(described)
    else:
        rows = [{"what": name, "value": value} for name, value in described.items()]
        render.table(rows, ("what", "value"))


@command.command(epilog="Example: engine db logs --lines 50")
@click.option("--lines", default=100, show_default=True, type=click.IntRange(1), help="How many.")
@click.pass_obj
def logs(settings: Settings, lines: int) -> None:
    """Print the last lines of the server's log."""
    from engine.usecases import local_database

    shown = local_database.log_lines(settings, lines)
    if shown is None:
        render.note("the server has not been started yet: engine db start")
        return
    for line in shown:
        render.say(line)


@command.command(epilog="Example: engine db reset --yes")
@click.confirmation_option(prompt="Delete the whole graph of this ENGINE_HOME?")
@click.pass_obj
def reset(settings: Settings) -> None:
    """Stop the server and delete its graph."""
    from engine.usecases import local_database

    local_database.reset(settings)
    render.note("the local graph is deleted")


@command.command(epilog="Example: engine db lock")
def lock() -> None:
    """Make the lock of the server's jars anew (for maintainers; takes minutes)."""
    from engine.usecases import local_database

    with progress_reporter() as progress:
        progress.update("resolving")
        count = local_database.make_lock(
            lambda done, total: progress.update("resolving", done, total)
        )
    render.note(f"the lock names {count} jars")
