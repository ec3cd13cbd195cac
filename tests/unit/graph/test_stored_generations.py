"""Which generations an interrupted publish leaves behind."""

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
    assert leftovers(known, 2, in_progress=[4, 1]) == []
    assert leftovers(known, 2, in_progress=[4]) == [1]


def test_popular_items_come_in_a_fixed_order() -> None:
    popularity = Popularity({"b": 2, "a": 2, "c": 9, "d": 0})
    assert popularity.most == 9
    assert popularity.top() == ["c", "a", "b", "d"]
    assert Popularity({}).most == 0
