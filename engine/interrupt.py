"""Take Ctrl-C within two seconds: at the next step, where the state can be saved, or at once."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from contextvars import copy_context
from types import FrameType
from typing import TypeVar

SECONDS_TO_THE_NEXT_STEP = 1.5
"""After Ctrl-C, how long work has to come to a step; then it is left where it stands."""
_POLL_SECONDS = 0.1
_THREAD = "engine-interruptible"
ResultT = TypeVar("ResultT")


@contextmanager
def interrupt_between_steps() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into a request; the second one interrupts at once."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.getsignal(signal.SIGINT)

    def on_interrupt(_number: int, _frame: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def interruptible(work: Callable[[Callable[[], bool]], ResultT]) -> ResultT:
    """Carry out work in a thread of its own, so that Ctrl-C is taken whatever the work is at.

    One product of large matrices can take minutes and handles no signal. Called from another
    thread than the main one, which gets no signals, the work is carried out as it is.

    Args:
        work: Given whether Ctrl-C was pressed, which it asks between its steps.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed, and the work came to no step in time. Its thread ends
            with the process; see ``has_left_work_behind``.
    """
    if threading.current_thread() is not threading.main_thread():
        return work(lambda: False)
    outcome: Future[ResultT] = Future()
    with interrupt_between_steps() as asked, _signals() as arrived:
        context = copy_context()

        def carry_out() -> None:
            try:
                outcome.set_result(context.run(work, lambda: asked.is_set() or arrived()))
            except BaseException as error:
                outcome.set_exception(error)

        threading.Thread(target=carry_out, daemon=True, name=_THREAD).start()
        while not outcome.done() and not asked.is_set():
            wait([outcome], _POLL_SECONDS)
        if not outcome.done() and not wait([outcome], SECONDS_TO_THE_NEXT_STEP).done:
            raise KeyboardInterrupt
        return outcome.result()


def has_left_work_behind() -> bool:
    """Return whether work that Ctrl-C ended is still at it: the process has to end without it."""
    return any(one.name == _THREAD and one.is_alive() for one in threading.enumerate())


def take_sigterm_as_ctrl_c() -> threading.Event:
    """Let SIGTERM do from now on what Ctrl-C does; return an event that is set once it came.

    By itself it would end the process on the spot: with temporary files, and no word of how to go
    on. As the first process of a container it would do nothing.
    """
    came = threading.Event()

    def on_terminate(_number: int, frame: FrameType | None) -> None:
        came.set()
        handler = signal.getsignal(signal.SIGINT)
        if not callable(handler):  # a shell lets the jobs it starts with & ignore Ctrl-C
            raise KeyboardInterrupt
        handler(signal.SIGINT, frame)

    signal.signal(signal.SIGTERM, on_terminate)
    return came


@contextmanager
def _signals() -> Iterator[Callable[[], bool]]:
    """Give a function that returns whether a SIGINT came, before the main thread handles it."""
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)

    def arrived() -> bool:
        try:
            return signal.SIGINT in reader.recv(4_096, socket.MSG_PEEK)
        except OSError:  # nothing came, or all is over
            return False

    before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    try:
        yield arrived
    finally:
        signal.set_wakeup_fd(before)
        reader.close()
        writer.close()
