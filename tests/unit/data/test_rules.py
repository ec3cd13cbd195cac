"""The rules in memory; what they share with Cypher is in tests/integration/publishing."""

import pytest

from engine.data.rules import HeldItem, Rules
from engine.errors import UsageError

TEA = HeldItem("tea", None, 1.0, attributes={"kind": frozenset({"tea"})}, facts=frozenset({"B:1"}))


def test_every_rule_must_hold() -> None:
    assert Rules().allow_item(TEA)
    assert Rules(filters={"kind": ["tea"]}, facts={"B": ["1"]}, allow=("tea",)).allow_item(TEA)
    for rules in (
        Rules(block=("tea",)),
        Rules(allow=("mug",)),
        Rules(candidates=()),
        Rules(filters={"kind": ["mug"]}),
        Rules(facts={"B": ["2"]}),
    ):
        assert not rules.allow_item(TEA)


def test_an_item_expires_at_its_moment() -> None:
    item = HeldItem("x", None, 1.0, expires_at=1_000)
    assert Rules(now=999).allow_item(item)
    assert not Rules(now=1_000).allow_item(item)


def test_facts_that_are_not_held_decide_against_the_item() -> None:
    item = HeldItem("x", None, 1.0, facts=None)
    assert Rules().allow_item(item)
    assert not Rules(facts={"B": ["1"]}).allow_item(item)


def test_what_memory_leaves_open_is_named() -> None:
    assert Rules().undecided == ("exclude_seen",)
    assert Rules(exclude_seen=False).undecided == ()


def test_what_is_out_of_bounds_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="'embedding_g1' cannot be filtered on"):
        Rules(filters={"embedding_g1": ["x"]})
    with pytest.raises(UsageError, match="block must hold texts"):
        Rules(block=("",))
