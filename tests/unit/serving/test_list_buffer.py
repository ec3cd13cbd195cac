"""No list waits in anybody's way, and none is lost without being counted."""

import threading
from collections.abc import Callable
from typing import Any

from engine.data.list_id import new_list_id
from engine.errors import QueryFailed, Unreachable
from engine.graph.remembered_lists import RememberedList
from engine.serving.list_buffer import ListBuffer


def _list() -> RememberedList:
    return RememberedList(new_list_id(), 0, "u", "for-you", None, 1, "{}", ("a",), ("again",))


class _Server:
    """A server that is away until it comes; ``ask`` notes what it took."""

    def __init__(self) -> None:
        self.there = threading.Event()
        self.taken: list[str] = []
        self.refuses, self.refused = False, threading.Event()

    def ask(self, work: Callable[[Any], None]) -> None:
        if not self.there.is_set():
            raise Unreachable("no Neo4j server answers")
        if self.refuses:
            self.refused.set()
            raise QueryFailed("it is refused")
        work(self)

    def write(self, _: str, lists: list[dict[str, Any]]) -> None:
        self.taken += [one["id"] for one in lists]


def test_a_server_that_is_away_loses_nothing_that_there_is_room_for() -> None:
    server, lists = _Server(), [_list() for _ in range(500)]
    buffer = ListBuffer(server.ask, most_waiting=400)
    for one in lists:
        buffer.add(one)
    server.there.set()
    buffer.close()
    assert buffer.dropped == 100
    assert (buffer.remembered, buffer.waiting) == (400, 0)
    assert server.taken == [one.id for one in lists[100:]], "the oldest go, the others in order"


def test_the_end_counts_what_nobody_took() -> None:
    server = _Server()
    buffer = ListBuffer(server.ask)
    buffer.add(_list())
    buffer.close()
    buffer.add(_list())
    assert (buffer.remembered, buffer.dropped, buffer.waiting) == (0, 2, 0)


def test_what_a_server_refuses_for_good_does_not_hold_up_the_others() -> None:
    server = _Server()
    server.there.set()
    buffer = ListBuffer(server.ask)
    server.refuses = True
    buffer.add(_list())
    assert server.refused.wait(30)
    server.refuses = False
    one = _list()
    buffer.add(one)
    buffer.close()
    assert (buffer.remembered, buffer.dropped, server.taken) == (1, 1, [one.id])
