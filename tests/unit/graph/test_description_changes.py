from typing import Any

import numpy as np

from engine.data.description import Description
from engine.data.entity_kinds import OwnFact
from engine.graph.description_changes import Changes, changes

TEA = OwnFact("IN_CATEGORY", "Category", "tea")
CUP = OwnFact("IN_CATEGORY", "Category", "cup")


def changed(one: Description, *, whole: bool, **stands: Any) -> Changes | None:
    row = {"id": "x", "known": True, "attributes": [], "facts": []} | stands
    found = list(changes([one], [row], whole=whole))
    return found[0] if found else None


def test_only_what_differs_is_written_and_true_is_not_1() -> None:
    stands = [["name", "Tea"], ["price", "3"], ["hidden", True]]
    one = Description("x", {"name": "Tea", "price": "4", "hidden": True})
    change = changed(one, whole=False, attributes=stands)
    assert change is not None
    assert change.as_row() == {"id": "x", "attributes": {"price": "4"}, "vectors": {}}
    assert changed(Description("x", {"name": "Tea"}), whole=False, attributes=stands) is None
    number = changed(Description("x", {"hidden": 1}), whole=False, attributes=stands)
    assert number is not None


def test_a_whole_description_removes_the_rest_another_what_it_names() -> None:
    stands = [["name", "Tea"], ["price", "3"], ["look", [0.5, 0.25]]]
    one = Description("x", {"name": "Tea"}, removed=frozenset({"price", "unknown"}))
    part, whole = (changed(one, whole=flag, attributes=stands) for flag in (False, True))
    assert part is not None
    assert whole is not None
    assert part.attributes == {"price": None}
    assert whole.attributes == {"price": None, "look": None}
    same = Description("x", vectors={"look": np.array([0.5, 0.25], np.float32)})
    assert changed(same, whole=False, attributes=stands) is None
    other = Description("x", vectors={"look": np.array([0.5, 1], np.float32)})
    assert changed(other, whole=False, attributes=stands) is not None


def test_facts_are_those_that_are_given_and_stay_where_none_are() -> None:
    stands = [{"relation": "IN_CATEGORY", "tail_type": "Category", "tail": "tea", "fact": "4:1"}]
    assert changed(Description("x"), whole=True, facts=stands) is None
    assert changed(Description("x", facts={TEA: 1}), whole=True, facts=stands) is None
    change = changed(Description("x", facts={CUP: 2}), whole=False, facts=stands)
    assert change is not None
    assert (change.new, change.gone) == ({CUP: 2}, ["4:1"])
    none = changed(Description("x", facts={}), whole=False, facts=stands)
    assert none is not None
    assert none.gone == ["4:1"]


def test_what_was_not_there_changes_by_being_there() -> None:
    assert changed(Description("x"), whole=False, known=False) is not None
