import threading
from collections.abc import Iterator

import pytest

from engine.data.read_ahead import prefetch_one, prefetch_several


def test_every_element_comes_in_order() -> None:
    assert list(prefetch_one(iter(range(50)))) == list(range(50))
    assert list(prefetch_one(iter([]))) == []
    assert list(prefetch_one(iter([None, None]))) == [None, None]


def test_the_next_element_is_made_while_the_caller_has_this_one() -> None:
    made = threading.Event()

    def source() -> Iterator[int]:
        yield 1
        made.set()
        yield 2

    coming = prefetch_one(source())
    assert next(coming) == 1
    assert made.wait(60)
    assert list(coming) == [2]


def test_an_error_of_the_source_is_the_caller_s() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise KeyError("x")

    coming = prefetch_one(source())
    assert next(coming) == 1
    with pytest.raises(KeyError):
        next(coming)


def test_who_ends_early_does_not_wait() -> None:
    end = threading.Event()

    def source() -> Iterator[int]:
        yield 1
        end.wait(60)
        ended.append(1)

    ended: list[int] = []
    coming = prefetch_one(source())
    assert next(coming) == 1
    coming.close()  # type: ignore[attr-defined]
    assert ended == []
    end.set()


def test_several_are_computed_at_once_and_come_in_order() -> None:
    together = threading.Barrier(3)  # none of the three ends before all of them have begun

    def compute(number: int) -> int:
        if number < 3:
            together.wait(60)
        return number

    assert list(prefetch_several(compute, range(50), 2)) == list(range(50))
    assert list(prefetch_several(compute, [], 2)) == []


def test_no_more_are_begun_than_are_asked_for() -> None:
    begun: list[int] = []
    coming = prefetch_several(begun.append, range(50), 2)
    next(coming)
    assert len(begun) <= 3


def test_an_error_of_one_of_several_comes_in_its_turn() -> None:
    coming = prefetch_several(lambda number: 6 // number, [3, 2, 0, 1], 2)
    assert [next(coming), next(coming)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(coming)
