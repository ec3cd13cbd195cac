"""Start the engine's own Neo4j where a command needs it, and show that it takes a moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.config import Settings


def ready(settings: Settings) -> None:
    """Start the local server, with a bar, unless it runs or another one is configured."""
    from engine.connections import database

    if not database.must_start(settings):
        return
    with start_bar() as advance:
        database.ensure_local(settings, advance)


@contextmanager
def start_bar() -> Iterator[Callable[[int, int], None]]:
    """Show what a start downloads, then that it goes on."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(
        *columns, TransferSpeedColumn(), console=Console(stderr=True), transient=True
    ) as progress:
        task = progress.add_task("starting Neo4j", total=None)

        def advance(done: int, total: int) -> None:
            title = "downloading Neo4j" if done < total else "starting Neo4j"
            progress.update(task, description=title, completed=done, total=total)

        yield advance
