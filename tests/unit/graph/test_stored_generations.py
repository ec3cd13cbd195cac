"""Which generations an interrupted publish leaves behind."""

from dataclasses import replace

from engine.graph.stored_generations import Popularity, StoredGeneration, leftovers


def test_all_but_the_one_in_service_and_the_one_before_are_leftovers() -> None:
    known = [
        StoredGeneration(5, "candidate", False, {}),
        StoredGeneration(4, "published", True, {"previous": 2}),
        StoredGeneration(3, "candidate", False, {}),
        StoredGeneration(2, "published", False, {"previous": 1}),
        StoredGeneration(1, "published", False, {}),
    ]
    assert leftovers(known) == [5, 3, 1]
    assert leftovers([known[0]]) == [5]


def test_what_others_publish_now_is_no_leftover() -> None:
    known = [
        StoredGeneration(4, "candidate", False, {}),
        StoredGeneration(3, "ready", False, {}),
        StoredGeneration(2, "published", True, {}),
        StoredGeneration(1, "candidate", False, {}),
    ]
    assert leftovers(known, 2, needed=[4, 1]) == []
    assert leftovers(known, 2, needed=[4]) == [1]


def test_what_waits_is_kept_after_a_rollback_too() -> None:
    """4 was rolled back to 3; 5 was published beside it and waits: promote 5 must still work."""
    known = [
        StoredGeneration(6, "candidate", False, {}),
        StoredGeneration(5, "ready", False, {}),
        StoredGeneration(4, "published", False, {"previous": 3, "promoted_at": 40}),
        StoredGeneration(3, "published", True, {"previous": 2, "promoted_at": 50}),
        StoredGeneration(2, "published", False, {"previous": 1, "promoted_at": 20}),
        StoredGeneration(1, "published", False, {"promoted_at": 10}),
    ]
    assert leftovers(known, 2) == [6, 4, 1]
    assert leftovers(known, 4) == [6]
    newer = [*known[:1], StoredGeneration(7, "ready", False, {}), *known[1:]]
    assert leftovers(newer, 2) == [6, 5, 4, 1]  # of those that wait, the newest


def test_what_waited_is_removed_once_a_newer_one_serves() -> None:
    known = [
        StoredGeneration(4, "published", True, {"previous": 2}),
        StoredGeneration(3, "ready", False, {}),
        StoredGeneration(2, "published", False, {}),
    ]
    assert leftovers(known, 2) == [3]
    nothing_serves = [replace(known[0], state="ready", serving=False), known[1]]
    assert leftovers(nothing_serves, 2) == [3]


def test_those_that_served_last_are_kept_beside_those_before_the_one_in_service() -> None:
    known = [
        StoredGeneration(number, "published", number == 2, {"promoted_at": promoted})
        for number, promoted in ((5, 10), (4, 40), (3, 20), (2, 50))
    ]
    assert leftovers(known, 3) == [5]
    assert leftovers(known, 2) == [5, 3]
    assert leftovers(known, 1) == [5, 3]  # never fewer than two


def test_popular_items_come_in_a_fixed_order() -> None:
    popularity = Popularity({"b": 2, "a": 2, "c": 9, "d": 0})
    assert popularity.most == 9
    assert popularity.top() == ["c", "a", "b", "d"]
    assert Popularity({}).most == 0
