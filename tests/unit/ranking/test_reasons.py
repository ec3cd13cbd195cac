"""What a ranker weighs is said in words: the strongest first, nothing that is not so."""

import numpy as np
import pytest

from engine.ranking.candidate_features import FEATURES
from engine.ranking.reasons import MOST, JoinedItems, meaning, reasons

NAMES = JoinedItems(alike="black tea", together="green tea", after="white tea")


def said(
    values: dict[str, float], parts: dict[str, float], joined: JoinedItems = NAMES
) -> tuple[str, ...]:
    """Return the reasons of a row that is unknown but for some values."""
    row = np.full(len(FEATURES), np.nan, dtype=np.float32)
    added = np.zeros(len(FEATURES))
    for name, value in values.items():
        row[FEATURES.index(name)] = value
    for name, part in parts.items():
        added[FEATURES.index(name)] = part
    return reasons(row, added, joined, ("product_type", "maker_id"))


DUE = {"days_since_last": 11.0, "gap": 9.2, "overdue": 1.2}
CASES = {
    "due": (DUE, "overdue", "due: every 9 days, last bought 11 days ago"),
    "not due": ({"days_since_last": 0.6, "gap": 9.0}, "gap", "last bought 1 day ago"),
    "due by others": (
        {"days_since_last": 30.0, "item_days_between": 1.0},
        "overdue_by_others",
        "due: others buy it every day, last bought 30 days ago",
    ),
    "bought once": ({"days_since_last": 0.1}, "days_since_last", "last bought today"),
    "habit": (
        {"count": 7.0, "share_of_baskets": 0.123},
        "count_30_days",
        "bought 7 times, in 12% of baskets",
    ),
    "seldom": ({"count": 2.0, "share_of_baskets": 0.001}, "own_rank", "bought twice"),
    "never": ({"count": 0.0, "share_of_baskets": 0.0}, "own_rank", None),
    "together": ({"together_score": 3.0}, "together_rank", "often in one basket with green tea"),
    "not together": ({}, "together_rank", None),
    "next": ({"next_score": 3.0}, "next_score", "often bought after white tea"),
    "alike": ({"near_score": 0.4}, "cosine", "like black tea"),
    "people": ({"people_score": 0.4}, "people_rank", "similar users buy it"),
    "of others alone": ({"count": 0.0, "people_score": 0.4}, "user_knn", "similar users buy it"),
    "own and others'": (
        {"count": 7.0, "share_of_baskets": 0.123},
        "user_knn",
        "bought 7 times, in 12% of baskets",
    ),
    "trending": (
        {"item_events_7_days": 9.0, "item_trend": 0.5, "item_events": 90.0},
        "item_trend",
        "popular this week",
    ),
    "popular": (
        {"item_events_7_days": 9.0, "item_trend": 0.2, "item_events": 90.0},
        "popular_rank",
        "popular",
    ),
    "unknown to others": ({"item_events": 0.0}, "item_users", None),
    "bought again": (
        {"item_share_of_users_again": 0.5},
        "item_share_of_repeats",
        "who buys it buys it again",
    ),
    "group": (
        {"group_1_share": 0.25},
        "group_1_share",
        "25% of recent purchases are of this product type",
    ),
    "group by id": (
        {"group_2_share": 0.25},
        "group_2_overdue",
        "25% of recent purchases are of this maker",
    ),
    "no such group": ({"group_3_share": 0.25}, "group_3_share", None),
    "the user": ({"user_baskets": 9.0}, "user_baskets", None),
}


@pytest.mark.parametrize("case", CASES)
def test_each_meaning_has_its_words(case: str) -> None:
    values, feature, words = CASES[case]
    expected = () if words is None else (words,)
    assert said(values, {feature: 0.5}) == expected
    assert said(values, {feature: -0.5}) == ()


def test_the_strongest_comes_first_and_parts_of_one_meaning_add_up() -> None:
    values = {**DUE, "count": 7.0, "people_score": 1.0, "item_events": 5.0, "next_score": 1.0}
    parts = {
        "overdue": 0.3,
        "count": 0.2,
        "share_of_baskets": 0.2,
        "people_score": 0.9,
        "people_rank": -0.85,
        "next_score": 0.01,
    }
    assert said(values, parts) == (
        "bought 7 times",
        "due: every 9 days, last bought 11 days ago",
        "similar users buy it",
    )
    assert MOST == 3


def test_without_a_name_it_says_what_kind_of_item_it_was() -> None:
    parts = {"together_score": 0.3, "next_score": 0.2, "near_score": 0.1}
    assert said(dict.fromkeys(parts, 1.0), parts, JoinedItems()) == (
        "often in one basket with what was bought last",
        "often bought after what was bought last",
        "like what was bought before",
    )


def test_every_feature_has_a_meaning() -> None:
    known = {meaning(name) for name in FEATURES}
    groups = {f"group_{n}" for n in range(1, 5)}
    assert known - groups == {
        *("due", "habit", "alike", "people", "together", "next", "popular", "again", "user"),
    }
