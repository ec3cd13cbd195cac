"""Attributes that several items share group them; ids, lists and constants do not."""

import numpy as np

from engine.ranking.candidates import GROUPS
from engine.ranking.item_groups import grouping_attributes, groups_of

ITEMS = {
    f"item-{n}": {
        "type": f"type {n % 12}",
        "category": f"category {n % 4}",
        "number": n,
        "country": "one",
        "tags": [f"tag {n % 2}"],
    }
    for n in range(60)
}


def test_the_finest_attribute_that_items_share_comes_first() -> None:
    assert grouping_attributes(ITEMS) == ("type", "category")


def test_no_more_attributes_than_there_are_features_for() -> None:
    many = {
        id_: {f"attribute {n}": row % (n + 2) for n in range(GROUPS + 3)}
        for row, id_ in enumerate(ITEMS)
    }
    names = grouping_attributes(many)
    assert names == tuple(f"attribute {n}" for n in range(GROUPS + 2, 2, -1))


def test_items_of_one_value_are_one_group_and_who_has_none_is_in_none() -> None:
    groups = groups_of(("type", "category"), ["item-0", "item-12", "item-1", "other"], ITEMS)
    assert groups.shape == (4, GROUPS)
    assert groups[0, 0] == groups[1, 0] != groups[2, 0]
    np.testing.assert_array_equal(groups[3], -1)
    np.testing.assert_array_equal(groups[:, 2:], -1)


def test_nothing_is_known_of_nothing() -> None:
    assert grouping_attributes({}) == ()
    assert groups_of((), [], {}).shape == (0, GROUPS)
