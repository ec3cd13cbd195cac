"""A command says how far it is: bars on a terminal, lines in the log elsewhere."""

import logging
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from engine import logs
from engine.api import progress
from engine.api.progress import BarReporter, LogReporter

NEVER = 3_600.0


class Lines(logging.Handler):
    """Keeps the lines, and tells when there are as many as somebody waits for."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._written = threading.Condition()

    def emit(self, record: logging.LogRecord) -> None:
        with self._written:
            self.lines.append(record.getMessage())
            self._written.notify_all()

    def wait_for(self, count: int) -> None:
        with self._written:
            assert self._written.wait_for(lambda: len(self.lines) >= count, timeout=60)

    def timeless(self) -> list[str]:
        """Return the lines without what they say of seconds, of which a busy machine takes some."""
        return [re.sub(r"(, | in )\d+ s( so far)?$", "", line) for line in self.lines]


@pytest.fixture
def written() -> Iterator[Lines]:
    logs.configure()
    log, lines = logging.getLogger(logs.PROGRESS), Lines()
    log.addHandler(lines)
    yield lines
    log.removeHandler(lines)


def test_a_task_is_logged_when_it_begins_and_when_it_is_done(written: Lines) -> None:
    with LogReporter(NEVER) as reporter:
        for step in range(101):
            reporter.update("training", step, 100, unit="steps", detail="epoch 1")
        reporter.update("publishing", 0, 2)
    assert written.timeless() == [
        "training: 0 of 100 steps, epoch 1",
        "training: 100 of 100 steps, epoch 1, done",
        "publishing: 0 of 2",
    ]


def test_the_last_state_of_a_task_without_an_end_is_logged(written: Lines) -> None:
    with LogReporter(NEVER) as reporter:
        reporter.update("reading")
        reporter.update("reading", 40_000, unit="rows")
    assert written.timeless() == ["reading", "reading: 40,000 rows"]


def test_lines_are_written_while_a_step_says_nothing(written: Lines) -> None:
    with LogReporter(0.01) as reporter:
        reporter.update("waiting for the index", 0, 0)
        written.wait_for(4)
    assert set(written.timeless()) == {"waiting for the index"}


@pytest.mark.parametrize(
    ("level", "shown"), [("DEBUG", True), ("INFO", True), ("WARNING", True), ("ERROR", False)]
)
def test_the_lines_are_shown_unless_only_errors_are(level: str, shown: bool) -> None:
    logs.configure(level)
    assert logging.getLogger(logs.PROGRESS).isEnabledFor(logging.INFO) is shown
    assert logging.getLogger("engine.anything").isEnabledFor(logging.INFO) is (
        level in ("DEBUG", "INFO")
    )


def test_a_bar_shows_names_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    with BarReporter(Console(stderr=True, width=200), keep=True) as bars:
        bars.update("[red]a\x1b[31m\nb", 1, 2, detail="[b]d\x9b")
    shown = capsys.readouterr().err
    assert "[red]a\\x1b[31m\\x0ab" in shown
    assert "[b]d\\x9b" in shown
    assert "1/2" in shown


@pytest.mark.parametrize(
    "module",
    ["demonstration", "generations", "graph_methods", "judging", "loading", "nights", "training"],
)
def test_calls_that_take_long_report_where_there_is_no_terminal_too(module: str) -> None:
    """Bars alone show nothing in a log."""
    source = Path(progress.__file__).with_name(f"{module}.py").read_text(encoding="utf-8")
    assert "self._reporting(" in source
    assert "rich.progress" not in source
