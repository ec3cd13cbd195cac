"""A command says how far it is: bars on a terminal, lines in the log elsewhere."""

import logging
import threading
from collections.abc import Iterator

import pytest

from engine import logs
from engine.cli.progress import LogReporter

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


@pytest.fixture
def written() -> Iterator[Lines]:
    logs.configure()
    log, lines = logging.getLogger(logs.PROGRESS), Lines()
    log.addHandler(lines)
    yield lines
    log.removeHandler(lines)


def test_a_task_is_logged_when_it_begins_and_when_it_is_done(written: Lines) -> None:
    with LogReporter(NEVER) as progress:
        for step in range(101):
            progress.update("training", step, 100, unit="steps", detail="epoch 1")
        progress.update("publishing", 0, 2)
    assert written.lines == [
        "training: 0 of 100 steps, epoch 1",
        "training: 100 of 100 steps, epoch 1, done in 0 s",
        "publishing: 0 of 2",
    ]


def test_the_last_state_of_a_task_without_an_end_is_logged(written: Lines) -> None:
    with LogReporter(NEVER) as progress:
        progress.update("reading")
        progress.update("reading", 40_000, unit="rows")
    assert written.lines == ["reading", "reading: 40,000 rows"]


def test_lines_are_written_while_a_step_says_nothing(written: Lines) -> None:
    with LogReporter(0.01) as progress:
        progress.update("waiting for the index", 0, 0)
        written.wait_for(4)
    assert set(written.lines) == {"waiting for the index"}


@pytest.mark.parametrize(
    ("level", "shown"), [("DEBUG", True), ("INFO", True), ("WARNING", True), ("ERROR", False)]
)
def test_the_lines_are_shown_unless_only_errors_are(level: str, shown: bool) -> None:
    logs.configure(level)
    assert logging.getLogger(logs.PROGRESS).isEnabledFor(logging.INFO) is shown
    assert logging.getLogger("engine.anything").isEnabledFor(logging.INFO) is (
        level in ("DEBUG", "INFO")
    )
