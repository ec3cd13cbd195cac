"""Progress of long commands: bars on a terminal, otherwise a line in the log every few seconds.

The lines are of level INFO, of the logger ``engine.progress``, and are shown at the default level
too. Both go to stderr.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

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


class ProgressReporter(Protocol):
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


class BarReporter:
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

    def update(
        self,
        task: str,
        done: int = 0,
        total: int | None = None,
        *,
        unit: str = "",
        detail: str = "",
    ) -> None:
        """See ``ProgressReporter``."""
        if task not in self._tasks:
            self._tasks[task] = self._bars.add_task(
                scrub(task, one_line=True), total=None, detail=""
            )
        said = scrub(", ".join(filter(None, (unit, detail))), one_line=True)
        self._bars.update(self._tasks[task], completed=done, total=total or None, detail=said)


@dataclass
class _State:
    task: str
    began: float
    done_at_first: int
    done: int = 0
    total: int = 0
    unit: str = ""
    detail: str = ""

    @property
    def finished(self) -> bool:
        return 0 < self.total <= self.done

    def line(self) -> str:
        seconds = time.monotonic() - self.began
        amount = f"{self._amount()} {self.unit}".strip() if self.done or self.total else ""
        said = f"{self.task}: " + ", ".join(filter(None, (amount, self.detail)))
        said = said.removesuffix(": ")
        if self.finished:
            return f"{said}, done in {_duration(seconds)}"
        worked = self.done - self.done_at_first
        if self.total and worked > 0 and seconds >= 1.0:
            left = seconds * (self.total - self.done) / worked
            return f"{said}, {self.done / self.total:.0%}, about {_duration(left)} left"
        return f"{said}, {_duration(seconds)} so far" if seconds >= 1.0 else said

    def _amount(self) -> str:
        if self.total:
            return f"{self.done:,} of {self.total:,}"
        return f"{self.done:,}"


class LogReporter:
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
        self._states: dict[str, _State] = {}
        self._current: _State | None = None
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

    def update(
        self,
        task: str,
        done: int = 0,
        total: int | None = None,
        *,
        unit: str = "",
        detail: str = "",
    ) -> None:
        """See ``ProgressReporter``."""
        with self._lock:
            state = self._states.get(task)
            if begins := state is None:
                state = self._states[task] = _State(task, time.monotonic(), done)
            was_finished = not begins and state.finished
            changed = self._current is not state or (state.done, state.detail) != (done, detail)
            self._unwritten = self._unwritten or changed
            state.done, state.total = done, total or 0
            state.unit, state.detail = unit, detail
            self._current = state
            if begins or (state.finished and not was_finished):
                self._write()

    def _write_lines(self) -> None:
        while not self._ended.wait(self._between):
            with self._lock:
                if self._current is not None and not self._current.finished:
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
