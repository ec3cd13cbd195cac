"""Processes at one task: the dead are replaced, a signal ends all, none outlives the parent."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

_PARENT = """
import logging, sys, time
from engine.serving.worker_processes import WorkerProcesses
logging.basicConfig(format="%(message)s", level="INFO")
WorkerProcesses(2, time.sleep, (600,), ended=lambda _: logging.info("told"), pause_seconds=0).run()
"""


class Parent:
    """A process that keeps two at work."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.workers = [self.started(), self.started()]

    def started(self) -> psutil.Process:
        """Wait until one more is started, and return it."""
        return psutil.Process(int(self.line("was started").split()[1]))

    def line(self, words: str) -> str:
        """Return the next line with some words."""
        assert self.process.stderr is not None
        return next(one for one in self.process.stderr if words in one)


@pytest.fixture
def parent() -> Iterator[Parent]:
    command = [sys.executable, "-c", _PARENT]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Parent(process)
        finally:
            process.kill()


def _all_end(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=60)[1]


def test_one_that_dies_is_replaced_and_sigterm_ends_all(parent: Parent) -> None:
    first, second = parent.workers
    first.kill()
    third = parent.started()
    assert f"worker {first.pid} ended (SIGKILL), worker {third.pid}" in parent.line("its place")
    assert second.is_running()
    parent.process.send_signal(signal.SIGTERM)
    assert parent.process.wait(60) == 0
    assert _all_end([second, third])
    assert parent.line("told")


def test_none_outlives_a_parent_that_was_killed(parent: Parent) -> None:
    parent.process.kill()
    assert _all_end(parent.workers)


def test_ctrl_c_is_an_interrupt_once_all_have_ended(parent: Parent) -> None:
    parent.process.send_signal(signal.SIGINT)
    assert parent.line("KeyboardInterrupt")
    assert parent.process.wait(60) != 0
    assert _all_end(parent.workers)
