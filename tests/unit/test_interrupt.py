"""Ctrl-C is taken at the next step, or left alone with work that comes to none."""

import signal
import threading

import pytest

from engine import interrupt
from engine.interrupt import has_left_work_behind, interruptible, take_sigterm_as_ctrl_c


def test_work_that_is_not_interrupted_returns_what_it_does() -> None:
    assert interruptible(lambda should_stop: should_stop()) is False


def test_an_error_of_the_work_is_raised() -> None:
    def fail(_should_stop: object) -> None:
        raise ValueError("so it is")

    with pytest.raises(ValueError, match="so it is"):
        interruptible(fail)


def test_the_next_step_hears_of_ctrl_c_and_may_end_well() -> None:
    before = signal.getsignal(signal.SIGINT)

    def work(should_stop: object) -> bool:
        signal.raise_signal(signal.SIGINT)
        return should_stop()  # type: ignore[operator, no-any-return]

    assert interruptible(work)
    assert signal.getsignal(signal.SIGINT) is before


def test_work_that_hears_of_nothing_is_left_behind() -> None:
    """As one product of large matrices is: it asks nobody whether to go on."""
    end = threading.Event()

    def work(_should_stop: object) -> None:
        signal.raise_signal(signal.SIGINT)
        end.wait()

    with pytest.raises(KeyboardInterrupt):
        interruptible(work)
    assert has_left_work_behind()
    end.set()
    for one in threading.enumerate():
        if one.name == interrupt._THREAD:
            one.join()
    assert not has_left_work_behind()


def test_another_thread_gets_no_signals_and_carries_the_work_out_itself() -> None:
    names = []

    def within() -> None:
        interruptible(lambda _: names.append(threading.current_thread().name))

    thread = threading.Thread(target=within, name="other")
    thread.start()
    thread.join()
    assert names == ["other"]


@pytest.mark.parametrize("on_ctrl_c", [signal.default_int_handler, signal.SIG_IGN])
def test_sigterm_does_what_ctrl_c_does(on_ctrl_c: signal.Handlers) -> None:
    """A job that a shell started with & ignores Ctrl-C, and has to end by SIGTERM all the same."""
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        signal.signal(signal.SIGINT, on_ctrl_c)
        came = take_sigterm_as_ctrl_c()
        assert not came.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        assert came.is_set()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
