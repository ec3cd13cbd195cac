"""Progress of long commands: bars on a terminal, otherwise a line in the log every few seconds.

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

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from engine.logs import PROGRESS, scrub

SECONDS_BETWEEN_LINES = 5.0


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
    """Report progress on stderr while the block runs; the form depends on the terminal.

    Args:
        seconds_between_lines: See ``LogReporter``.
        keep_bars: Leave the bars standing.
    """
    console = Console(stderr=True)
    reporter: BarReporter | LogReporter
    if console.is_terminal:
        reporter = BarReporter(console, keep=keep_bars)
    else:
        reporter = LogReporter(seconds_between_lines)
    with reporter:
        yield reporter


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
