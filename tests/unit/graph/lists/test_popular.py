"""The popular items in memory: the exclusion rule and the filters of the queries."""

from engine.graph.lists.popular import PopularItem, PopularItems
from engine.graph.lists.recommendations import Question


def _item(id_: str, expires_at: int | None = None, **attributes: list[str]) -> PopularItem:
    known = {name: frozenset(values) for name, values in attributes.items()}
    return PopularItem(id_, None, 1.0, expires_at, known)


HELD = PopularItems(
    3,
    (
        _item("a", kind=["tea"], tags=["x", "y"]),
        _item("b", kind=["coffee"], tags=["x"]),
        _item("c", expires_at=1_000, kind=["tea"]),
        _item("d", kind=["tea"]),
    ),
)


def _ids(question: Question) -> list[str]:
    return [one.id for one in HELD.answer(question)]


def test_the_first_k_that_may_be_shown() -> None:
    assert _ids(Question(k=10, now=999)) == ["a", "b", "c", "d"]
    assert _ids(Question(k=10, now=1_000)) == ["a", "b", "d"]
    assert _ids(Question(k=2, now=1_000)) == ["a", "b"]


def test_one_value_of_every_attribute_must_match() -> None:
    assert _ids(Question(now=1_000, filters={"kind": ["tea", "milk"]})) == ["a", "d"]
    assert _ids(Question(now=1_000, filters={"kind": ["tea"], "tags": ["y"]})) == ["a"]
    assert _ids(Question(now=1_000, filters={"colour": ["red"]})) == []
