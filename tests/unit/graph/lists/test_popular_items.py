"""The popular items in memory: length, and what the answer says about itself."""

from engine.data.rules import HeldItem
from engine.graph.lists.popular_items import PopularItems
from engine.graph.lists.recommendations import Question

HELD = PopularItems(3, tuple(HeldItem(id_, None, 1.0) for id_ in "abcd"))


def test_the_first_k() -> None:
    assert [one.id for one in HELD.answer(Question(k=2))] == ["a", "b"]
    assert [one.id for one in HELD.answer(Question(k=9))] == ["a", "b", "c", "d"]


def test_some_are_left_out() -> None:
    assert [one.id for one in HELD.without({"a", "c", "x"}).answer(Question(k=9))] == ["b", "d"]


def test_the_answer_names_the_list_asked_for() -> None:
    found = HELD.list("alice", "friends", Question(k=9))
    assert (found.subject, found.generation, found.basis.asked) == ("alice", 3, "friends")
    assert found.short
    assert "instead of friends" in (found.note() or "")
    assert "Attributes" not in (found.note() or "")
    described = HELD.list("alice", "friends", Question(attributes=("price",)))
    assert "Attributes are not held in memory" in (described.note() or "")
    assert "shown of late" not in (described.note() or "")
    rested = HELD.list("alice", "friends", Question(k=2, not_shown_within=60_000, listed=("a",)))
    assert "What was shown of late may be among them." in (rested.note() or "")
    tried = HELD.list("alice", "friends", Question(k=2, explore=0.5, listed=("a",)))
    assert ("Nothing is explored." in (tried.note() or ""), tried.propensities) == (True, ())
    assert [(position, one.id) for position, one in rested.placed()] == [(2, "b"), (3, "c")]
    assert "Only 4 of 9" not in (found.note() or "")  # which says that no other may be shown
