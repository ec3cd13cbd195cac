"""Progress of long work: bars on a terminal and in a notebook, otherwise a line in the log.

The lines are of level INFO, of the logger ``engine.progress``, and are shown at the default level
too. Both go to stderr.
"""

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from engine.data.progress_callbacks import CountProgress
from engine.logs import PROGRESS, scrub

SECONDS_BETWEEN_LINES = 5.0
_SECONDS_BETWEEN_DRAWINGS = 0.2


@dataclass(frozen=True)
class TaskProgress:
    """How far a task is; ``ProgressReporter.update`` says what the values are."""

    task: str
    done: int
    total: int
    unit: str
    detail: str

    @property
    def finished(self) -> bool:
        """Whether all of it is done, where that is known."""
        return 0 < self.total <= self.done


class ProgressReporter(ABC):
    """Shows how far the tasks of a command are."""

    def update(
        self,
        task: str,
        done: int = 0,
        total: int | None = None,
        *,
        unit: str = "",
        detail: str = "",
    ) -> None:
        """Show how far a task is.

        Args:
            task: Its name; one that was not named before begins a bar, or a line, of its own.
            done: Units that are done.
            total: Units in all; None or 0 where nobody knows.
            unit: What is counted: ``rows``, ``steps``.
            detail: More to show.
        """
        self.show(TaskProgress(task, done, total or 0, unit, detail))

    @abstractmethod
    def show(self, now: TaskProgress) -> None:
        """Show how far a task is."""


@contextmanager
def progress_reporter(
    seconds_between_lines: float = SECONDS_BETWEEN_LINES, *, keep_bars: bool = False
) -> Iterator[ProgressReporter]:
    """Report progress while the block runs, on stderr or in the cell of a notebook.

    Args:
        seconds_between_lines: See ``LogReporter``.
        keep_bars: Leave the bars standing.
    """
    console = Console(stderr=True)
    reporter: BarReporter | NotebookReporter | LogReporter
    if console.is_terminal:
        reporter = BarReporter(console, keep=keep_bars)
    elif console.is_jupyter:
        reporter = NotebookReporter()
    else:
        reporter = LogReporter(seconds_between_lines)
    with reporter:
        yield reporter


@contextmanager
def start_bar() -> Iterator[CountProgress]:
    """Show what a start of Neo4j downloads, then that it goes on."""
    console = Console(stderr=True)
    if not console.is_terminal:
        with progress_reporter() as reporter:
            reporter.update("starting Neo4j")
            yield _start_lines(reporter)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), console=console, transient=True) as progress:
        task = progress.add_task("starting Neo4j", total=None)

        def advance(done: int, total: int) -> None:
            title = "downloading Neo4j" if done < total else "starting Neo4j"
            progress.update(task, description=title, completed=done, total=total)

        yield advance


def _start_lines(reporter: ProgressReporter) -> CountProgress:
    def advance(done: int, total: int) -> None:
        if done < total:
            reporter.update("downloading Neo4j", done >> 20, total >> 20, unit="MiB")
        else:
            reporter.update("starting Neo4j")

    return advance


class NoReporter(ProgressReporter):
    """Shows nothing."""

    def show(self, now: TaskProgress) -> None:
        """See ``ProgressReporter``."""


class NotebookReporter(ProgressReporter):
    """One line of a notebook's cell with a bar: the task that is at work; gone at the end."""

    def __init__(self) -> None:
        from IPython.display import HTML, display  # there is one: this runs in it

        self._html = HTML
        self._line = display(HTML(""), display_id=True)
        self._shown_at = 0.0

    def __enter__(self) -> "NotebookReporter":
        return self

    def __exit__(self, *_error: object) -> None:
        self._line.update(self._html(""))

    def show(self, now: TaskProgress) -> None:
        """See ``ProgressReporter``."""
        at = time.monotonic()
        if not now.finished and at - self._shown_at < _SECONDS_BETWEEN_DRAWINGS:
            return
        self._shown_at = at
        self._line.update(self._html(_drawn(now)))


def _drawn(now: TaskProgress) -> str:
    """Return a task as HTML."""
    amount = f"{now.done:,} of {now.total:,}" if now.total else f"{now.done:,}" if now.done else ""
    text = ", ".join(filter(None, (f"{amount} {now.unit}".strip(), now.detail)))
    bar = f'<progress value="{now.done}" max="{now.total}"></progress> ' if now.total else ""
    return f"{escape(now.task)} {bar}{escape(text)}"


class BarReporter(ProgressReporter):
    """A bar for each task, gone when all is done unless it is kept."""

    def __init__(self, console: Console, *, keep: bool = False) -> None:
        self._tasks: dict[str, TaskID] = {}
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(24),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            TextColumn("{task.fields[detail]}", markup=False),
            console=console,
            transient=not keep,
        )

    def __enter__(self) -> "BarReporter":
        self._bars.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bars.stop()

    def show(self, now: TaskProgress) -> None:
        """See ``ProgressReporter``."""
        if now.task not in self._tasks:
            name = scrub(now.task, one_line=True)
            self._tasks[now.task] = self._bars.add_task(name, total=None, detail="")
        text = scrub(", ".join(filter(None, (now.unit, now.detail))), one_line=True)
        bar = self._tasks[now.task]
        self._bars.update(bar, completed=now.done, total=now.total or None, detail=text)


@dataclass
class _LoggedTask:
    """A task in the log: when it began, how far it was then, and how far it is."""

    began: float
    done_at_first: int
    now: TaskProgress

    def line(self) -> str:
        now, seconds = self.now, time.monotonic() - self.began
        amount = f"{self._amount()} {now.unit}".strip() if now.done or now.total else ""
        text = f"{now.task}: " + ", ".join(filter(None, (amount, now.detail)))
        text = text.removesuffix(": ")
        if now.finished:
            return f"{text}, done in {_duration(seconds)}"
        worked = now.done - self.done_at_first
        if now.total and worked > 0 and seconds >= 1.0:
            left = seconds * (now.total - now.done) / worked
            return f"{text}, {now.done / now.total:.0%}, about {_duration(left)} left"
        return f"{text}, {_duration(seconds)} so far" if seconds >= 1.0 else text

    def _amount(self) -> str:
        if self.now.total:
            return f"{self.now.done:,} of {self.now.total:,}"
        return f"{self.now.done:,}"


class LogReporter(ProgressReporter):
    """A log line when a task begins and ends, and every few seconds between.

    A thread writes the lines between, so that a step which says nothing for minutes is seen to be
    alive.

    Args:
        seconds_between_lines: At most one line in this time, beginnings and ends aside.
    """

    def __init__(self, seconds_between_lines: float = SECONDS_BETWEEN_LINES) -> None:
        self._log = logging.getLogger(PROGRESS)
        self._between = seconds_between_lines
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._tasks: dict[str, _LoggedTask] = {}
        self._current: _LoggedTask | None = None
        self._unwritten = False
        self._thread = threading.Thread(target=self._write_lines, daemon=True, name="progress")

    def __enter__(self) -> "LogReporter":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._unwritten:
            self._write()

    def show(self, now: TaskProgress) -> None:
        """See ``ProgressReporter``."""
        with self._lock:
            one = self._tasks.get(now.task)
            if begins := one is None:
                one = self._tasks[now.task] = _LoggedTask(time.monotonic(), now.done, now)
            before, one.now = one.now, now
            changed = (before.done, before.detail) != (now.done, now.detail)
            self._unwritten = self._unwritten or begins or changed or self._current is not one
            self._current = one
            if begins or (now.finished and not before.finished):
                self._write()

    def _write_lines(self) -> None:
        while not self._ended.wait(self._between):
            with self._lock:
                if self._current is not None and not self._current.now.finished:
                    self._write()

    def _write(self) -> None:
        if self._current is not None:
            self._log.info(self._current.line())
        self._unwritten = False


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
