"""``engine forget``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.api import Engine
    from engine.data.tombstone import ForgettableKind

_FILE = click.Path(path_type=Path)


@click.group(
    help="Remove users or items from everything that is kept: events, nodes, the vectors of every "
    "generation and checkpoint, quarantined rows. A later load does not bring them back. Cut off, "
    "the same command goes on; made again it changes nothing.",
    epilog="Example: engine forget user alice --waiting /srv/exports",
)
def command() -> None:
    """Group of the commands that forget."""


def _options(function: click.decorators.FC) -> click.decorators.FC:
    for option in (
        click.argument("ids", nargs=-1, metavar="[ID]..."),
        click.option("--from", "file", type=_FILE, help="A text with one id a line."),
        click.option(
            "--partly", is_flag=True, help="Pass over ids that are nowhere; one is an error else."
        ),
        click.option(
            "--waiting", type=_FILE, help="A folder of files to be loaded: tell which name them."
        ),
        click.option(
            "--lift", is_flag=True, help="The other way: let them come back with the next load."
        ),
        click.option("--json", "as_json", is_flag=True, help="Print the certificate as JSON."),
    ):
        function = option(function)
    return function


@command.command(epilog="Example: engine forget user --from leavers.txt --partly")
@_options
@click.pass_obj
def user(engine: "Engine", /, **given: Any) -> None:
    """Forget users."""
    _forget(engine, "user", **given)


@command.command(epilog="Example: engine forget item recalled-kettle")
@_options
@click.pass_obj
def item(engine: "Engine", /, **given: Any) -> None:
    """Forget items."""
    _forget(engine, "item", **given)


@command.command("drop-unknown", epilog="Example: engine forget drop-unknown")
@click.pass_obj
def drop_unknown(engine: "Engine") -> None:
    """Give up those who were forgotten by a key that is lost: a load may bring them back."""
    render.note(f"{engine.drop_unknown_tombstones()} tombstones of other keys are gone.")


def _forget(
    engine: "Engine",
    kind: "ForgettableKind",
    *,
    ids: tuple[str, ...],
    file: Path | None,
    partly: bool,
    waiting: Path | None,
    lift: bool,
    as_json: bool,
) -> None:
    if lift:
        if file is not None or not ids:
            raise UsageError("--lift takes ids", hint=f"engine forget {kind} ID --lift")
        render.note(f"{engine.lift(kind, ids)} of {len(ids)} may come back: load their events.")
        return
    done = engine.forget(kind, ids, file=file, waiting=waiting, partly=partly)
    if as_json:
        render.emit_json(done.as_dict())
        return
    rows = [vars(one) for one in done.removed]
    if rows:
        render.table(rows, ("where", "what", "count"), "Removed")
    for name, lines in done.waiting.items():
        render.note(f"{name} names them in {lines} lines; they are set aside when it is loaded.")
    for line in done.left:
        render.note(line)
    render.note(
        f"Forgotten: {done.forgotten}; forgotten before: {done.already}; nowhere: {done.unknown}."
        + (f" The certificate: ENGINE_HOME/{done.file}" if done.file else "")
    )
