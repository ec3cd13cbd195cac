"""What a reranker returns is held to what it was given."""

from collections.abc import Sequence

import pytest

from engine.answering import rerankers
from engine.errors import UsageError
from engine.graph.lists.recommendations import Recommended
from engine.plugins import ExtensibleTable

ITEMS = [Recommended(id_, id_, 1.0, "popular") for id_ in "abc"]


def _foreign(items: Sequence[Recommended], _user: str | None) -> Sequence[Recommended]:
    return [*items, Recommended("d", "d", 1.0, "popular")]


def _twice(items: Sequence[Recommended], _user: str | None) -> Sequence[Recommended]:
    return [items[0], items[0]]


def _fails(_items: Sequence[Recommended], _user: str | None) -> Sequence[Recommended]:
    raise RuntimeError("no model")


TABLE: ExtensibleTable[rerankers.Reranker] = ExtensibleTable(
    "engine.rerankers",
    {
        "reverse": lambda items, _user: items[::-1],
        "foreign": _foreign,
        "twice": _twice,
        "fails": _fails,
    },
    callable,
)


def test_the_order_is_that_of_the_plug_in_and_the_length_that_asked_for() -> None:
    found = rerankers.reranked("reverse", ITEMS, "alice", 2, TABLE)
    assert [item.id for item in found] == ["c", "b"]


@pytest.mark.parametrize(
    ("name", "says"), [("foreign", "may not be shown"), ("twice", "twice"), ("fails", "no model")]
)
def test_what_it_may_not_do_is_refused(name: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        rerankers.reranked(name, ITEMS, None, 3, TABLE)


def test_an_unknown_one_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no reranker 'colour'"):
        rerankers.check_reranker("colour")
    rerankers.check_reranker(None)
