"""Start the engine's own Neo4j where a command needs it, and show that it takes a moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from engine.cli.progress import progress_reporter
from engine.config import Settings
from engine.data.progress_callbacks import CountProgress


def ready(settings: Settings) -> None:
    """Start the local server, with a bar, unless it runs or another one is configured."""
    from engine.usecases import local_database

    if not local_database.must_start(settings):
        return
    with start_bar() as advance:
        local_database.ensure_local(settings, advance)


@contextmanager
def start_bar() -> Iterator[CountProgress]:
    """Show what a start downloads, then that it goes on."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        with _start_lines() as log:
            yield log
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), console=console, transient=True) as progress:
        task = progress.add_task("starting Neo4j", total=None)

        def advance(done: int, total: int) -> None:
            title = "downloading Neo4j" if done < total else "starting Neo4j"
            progress.update(task, description=title, completed=done, total=total)

        yield advance


@contextmanager
def _start_lines() -> Iterator[CountProgress]:
    with progress_reporter() as progress:
        progress.update("starting Neo4j")

        def advance(done: int, total: int) -> None:
            if done < total:
                progress.update("downloading Neo4j", done >> 20, total >> 20, unit="MiB")
            else:
                progress.update("starting Neo4j")

        yield advance
