"""A thread that comes back after a bad turn, comes at once when called, and ends when told."""

import threading

from engine.serving.ticker import Ticker


def test_it_survives_a_bad_turn_and_comes_at_once() -> None:
    turns, third = [], threading.Event()

    def work() -> None:
        turns.append(1)
        if len(turns) == 3:
            third.set()
        raise ValueError("a bad turn")

    ticker = Ticker("test", 3_600.0, work)
    while not third.is_set():
        ticker.now()
    ticker.close()
    count = len(turns)
    ticker.now()
    assert len(turns) == count
