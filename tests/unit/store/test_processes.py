"""A dead process is told from a living one, and from one nothing is known about."""

import subprocess
import sys
from dataclasses import replace

from engine.store.processes import this_process


def test_this_process_lives() -> None:
    assert not this_process().is_dead()


def test_a_process_that_ended_is_dead() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert replace(this_process(), pid=ended.pid).is_dead()


def test_a_number_used_again_is_another_process() -> None:
    mine = this_process()
    assert replace(mine, started=mine.started - 60).is_dead()


def test_nothing_is_known_of_another_host() -> None:
    assert not replace(this_process(), host="elsewhere", pid=2**22).is_dead()


def test_it_prints_for_people() -> None:
    assert str(replace(this_process(), host="box/pid:[1]", pid=7)) == "process 7 on box"
