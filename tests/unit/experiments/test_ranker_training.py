"""From which weeks a ranker learns, and what a report says of it."""

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError
from engine.experiments.ranker_training import (
    RankerReport,
    RankerTraining,
    by_model,
    validation_places,
)
from engine.graph.known_events import KnownEvents
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

DAY = 86_400_000
FIRST = 17_400 * DAY
NO_STORES: tuple[GraphClient, Registry] = (None, None)  # type: ignore[assignment]
"""Windows are chosen without them."""


def training(users: int, weeks: int, days: int = 7) -> RankerTraining:
    """Return one over a shop in which everybody buys something every day."""
    user, day = np.divmod(np.arange(users * weeks * 7), weeks * 7)
    events = Interactions.of(
        Vocabulary([f"u{n}" for n in range(users)]),
        Vocabulary(["a", "b"]),
        user,
        day % 2,
        at=FIRST + day * DAY,
    )
    known = KnownEvents(events, np.arange(len(events)), {})
    return RankerTraining(*NO_STORES, known, days)


def weeks_before(begins: int, cuts: list[int]) -> list[float]:
    return [(begins - cut) / DAY / 7 for cut in cuts]


def test_many_users_need_four_windows_and_few_need_more() -> None:
    begins = FIRST + 40 * 7 * DAY
    assert weeks_before(begins, training(625, 40).windows(begins)) == [4, 3, 2, 1]
    assert weeks_before(begins, training(624, 40).windows(begins)) == [5, 4, 3, 2, 1]
    assert weeks_before(begins, training(60, 40).windows(begins)) == [*range(16, 0, -1)]


def test_half_of_the_events_lie_before_every_window() -> None:
    begins = FIRST + 7 * 7 * DAY
    assert weeks_before(begins, training(60, 7).windows(begins)) == [3, 2, 1]


def test_windows_are_as_long_as_asked_and_end_before_the_test_part() -> None:
    begins = FIRST + 30 * 7 * DAY + DAY // 2  # not the beginning of a day
    cuts = training(625, 31, days=14).windows(begins)
    assert weeks_before(begins - DAY // 2, cuts) == [8, 6, 4, 2]


@pytest.mark.parametrize(
    ("users", "judge"),
    [
        ([1_200] * 4, 1),
        ([1_199] * 4, 2),
        ([400] * 7, 3),
        ([399] * 8, 4),
        ([160] * 16, 8),  # 300 households
        ([160] * 3, 1),
        ([60, 60], 1),
    ],
)
def test_the_newest_windows_judge_until_they_have_enough_users(
    users: list[int], judge: int
) -> None:
    assert [*validation_places(users)] == [*range(len(users) - judge, len(users))]


def test_of_many_windows_the_newer_half_has_a_newer_model() -> None:
    assert by_model([*range(8)]) == [[*range(8)]]
    assert by_model([*range(9)]) == [[*range(5)], [*range(5, 9)]]
    assert by_model([*range(16)]) == [[*range(8)], [*range(8, 16)]]


@pytest.mark.parametrize(("users", "weeks", "found"), [(49, 30, 0), (60, 3, 1)])
def test_too_few_users_or_weeks_are_refused(users: int, weeks: int, found: int) -> None:
    with pytest.raises(DataError, match=f"2 windows of 7 days .* there are {found}"):
        training(users, weeks).windows(FIRST + weeks * 7 * DAY)


def test_a_report_says_what_the_test_part_said() -> None:
    gap = "seen.ranked-blend.ndcg@20"
    metrics = {gap: 0.01, f"{gap}.low": 0.005, f"{gap}.high": 0.015, "seen.ranked.ndcg@20": 0.31}
    first, second = RankerReport(None, "A ranker serves.", metrics).lines()
    assert first == "A ranker serves."
    assert "0.3100, +0.0100 [+0.0050, +0.0150] against the blend" in second
    assert "plain" not in second
    assert RankerReport(None, "No ranker serves.").lines() == ["No ranker serves."]


def test_a_report_names_the_best_plain_method_of_the_test_part() -> None:
    metrics = {"unseen.ranked.ndcg@20": 0.31}
    for name, value in (("blend", 0.01), ("item-knn", -0.02)):
        gap = f"unseen.ranked-{name}.ndcg@20"
        metrics |= {gap: value, f"{gap}.low": value - 0.005, f"{gap}.high": value + 0.005}
    (said,) = RankerReport(None, "A ranker serves.", metrics).lines()[1:]
    assert said.startswith("New items only")
    assert "+0.0100 [+0.0050, +0.0150] against the blend and " in said
    assert said.endswith("-0.0150] against item-knn, the best plain method there.")


@pytest.mark.parametrize("users", [1, 49, 50])
def test_over_few_users_a_report_gives_no_difference_of_the_test_part(users: int) -> None:
    gap = "unseen.ranked-blend.ndcg@20"
    metrics = {gap: 0.01, f"{gap}.low": 0.005, f"{gap}.high": 0.015, "unseen.ranked.ndcg@20": 0.31}
    said = RankerReport(None, "A ranker serves.", metrics | {"unseen.ranked.users": users}).lines()
    assert ("+0.0100" in said[1]) is (users == 50)
    assert ("too few users to tell (" in said[1]) is (users < 50)
