"""Every feature is what its name says, by an account in plain Python, one pair at a time."""

import itertools
from collections import defaultdict
from statistics import median

import numpy as np
import pytest

from engine.models.user_knn import UserKnnConfig
from engine.ranking.candidate_features import FEATURES, features
from engine.ranking.candidates import GROUPS, Candidates, OwnEvents
from engine.ranking.item_statistics import STATISTICS

DAY = 86_400_000
NOW = 17_500 * DAY
USERS, ITEMS = 7, 12


def made(rng: np.random.Generator, events: int = 300) -> Candidates:
    user = rng.integers(0, USERS - 1, events)  # the last user has done nothing
    basket = rng.integers(0, 9, events)
    # Events of one basket within an hour, baskets on any of a hundred days.
    when = rng.integers(1, 100, (USERS, 9)) * DAY
    at = NOW - when[user, basket] + rng.integers(0, 3_600_000, events)
    # Some events have no time, nor has any basket of one user.
    at[(rng.random(events) < 0.05) | (user == 3)] = 0
    pairs = np.array([(u, i) for u in range(USERS) for i in range(ITEMS) if rng.random() < 0.7])
    near = np.where(rng.random(len(pairs)) < 0.5, rng.integers(0, 4, len(pairs)) / 4.0, np.nan)
    statistics = rng.random((ITEMS, len(STATISTICS))) * 20.0
    statistics[::5, STATISTICS.index("days_between")] = np.nan
    return Candidates(
        as_of=NOW,
        n_users=USERS,
        user=pairs[:, 0],
        item=pairs[:, 1],
        scores={"near": near, "people": np.where(rng.random(len(pairs)) < 0.5, 2.0, np.nan)},
        cosine=near,
        own=OwnEvents(user, rng.integers(0, ITEMS, events), at, basket),
        statistics=statistics,
        groups=rng.integers(-1, 4, (ITEMS, GROUPS)).astype(np.int32),
    )


def account(all_: Candidates, user: int, item: int) -> dict[str, float]:
    """Return what is known of a pair, counted one event after the other."""
    own = all_.own
    mine = [n for n in range(len(own.user)) if own.user[n] == user]
    baskets: dict[int, list[int]] = defaultdict(list)
    for n in mine:
        baskets[int(own.basket[n])].append(n)
    timed = {basket: [own.at[n] for n in rows if own.at[n]] for basket, rows in baskets.items()}
    began = {basket: min(times, default=0) for basket, times in timed.items()}
    in_order = sorted(began, key=lambda basket: (began[basket], basket))
    with_item = [b for b in in_order if any(own.item[n] == item for n in baskets[b])]
    rows = [n for n in mine if own.item[n] == item]
    days = [(NOW - own.at[n]) / DAY for n in rows]
    found: dict[str, float] = {"count": len(with_item)}
    for half_life in (7, 30, 60, 120):
        found[f"count_{half_life}_days"] = sum(0.5 ** (one / half_life) for one in days)
    known = [one for n, one in zip(rows, days, strict=True) if own.at[n]]
    since = min(known, default=np.nan)
    if rows:
        found["days_since_last"], found["days_since_first"] = since, max(known, default=np.nan)
        found["baskets_since_last"] = len(in_order) - 1 - in_order.index(with_item[-1])
        found["share_of_baskets_since_first"] = len(with_item) / (
            len(in_order) - in_order.index(with_item[0])
        )
        others = all_.statistics[item, STATISTICS.index("days_between")]
        gap = others
        moments = [began[basket] / DAY for basket in with_item if began[basket]]
        if len(moments) > 1:
            gaps = [b - a for a, b in itertools.pairwise(moments)]
            gap = found["gap"] = median(gaps)
            away = sum(abs(one - gap) for one in gaps) / len(gaps)
            found["spread"] = away / max(gap, 1.0)
            found["overdue"] = since / max(gap, 0.5)
        if not np.isnan(gap):
            found["overdue_by_others"] = since / max(gap, 0.5)
    found["share_of_baskets"] = len(with_item) / max(len(in_order), 1)
    weights = {n: 0.5 ** ((NOW - own.at[n]) / DAY / 60) for n in mine}
    for group in range(GROUPS):
        found |= of_group(all_, mine, item, group, weights)
    found |= visits_of([began[basket] for basket in in_order], len(mine))
    bought = sum(len({int(own.item[n]) for n in rows}) for rows in baskets.values())
    different = len({int(own.item[n]) for n in mine})
    found["user_share_of_repeats"] = 1 - different / max(bought, 1)
    statistics = dict(zip(STATISTICS, all_.statistics[item], strict=True))
    found |= {f"item_{name}": value for name, value in statistics.items()}
    before = (statistics["events_in_last_28_days"] - statistics["events_in_last_7_days"]) / 21
    for days in (3, 7):
        lately = statistics[f"events_in_last_{days}_days"] / days
        found[f"item_rise_{days}_days"] = (lately + 0.1) / (before + 0.1)
    found["item_trend"] = statistics["events_7_days"] / (statistics["events_28_days"] + 1)
    found["item_events_per_user"] = statistics["events"] / max(statistics["users"], 1)
    return found


def of_group(
    all_: Candidates, mine: list[int], item: int, group: int, weights: dict[int, float]
) -> dict[str, float]:
    own, value = all_.own, all_.groups[item, group]
    same = [n for n in mine if value >= 0 and all_.groups[own.item[n], group] == value]
    amount = sum(weights[n] for n in same)
    alone = sum(weights[n] for n in mine if own.item[n] == item)
    name = f"group_{group + 1}"
    found = {
        f"{name}_share": amount / sum(weights.values()) if mine else 0.0,
        f"{name}_share_of_item": alone / amount if amount else 0.0,
    }
    if same:
        days = [(NOW - own.at[n]) / DAY for n in same if own.at[n]]
        found[f"{name}_days_since_last"] = min(days, default=np.nan)
        timed = {int(own.basket[n]) for n in mine if own.at[n]}
        pairs = {(int(own.basket[n]), int(own.item[n])) for n in same}
        taken = sum(basket in timed for basket, _ in pairs)
        if taken > 1 and days:
            gap = (max(days) - min(days)) / (taken - 1)
            found[f"{name}_overdue"] = min(days) / max(gap, 0.5)
    return found


def visits_of(began: list[int], events: int) -> dict[str, float]:
    days = [(NOW - at) / DAY for at in began if at]
    found: dict[str, float] = {
        "user_baskets": len(began),
        "user_baskets_30_days": sum(one <= 30 for one in days),
    }
    if began:
        found["user_basket_size"] = events / len(began)
    if days:
        found["user_days_since_last"], found["user_days_since_first"] = min(days), max(days)
    if len(days) > 1:
        found["user_gap"] = median(a - b for a, b in itertools.pairwise(days))
    return found


def test_features_are_what_their_names_say(rng: np.random.Generator) -> None:
    candidates = made(rng)
    matrix = features(candidates)
    of_sources = {name for name in FEATURES if name.endswith(("_score", "_rank"))} | {"cosine"}
    for n in range(len(candidates)):
        expected = account(candidates, int(candidates.user[n]), int(candidates.item[n]))
        theirs = np.nan_to_num(candidates.scores["people"][n])
        knn = UserKnnConfig()
        assert knn.half_life_days == 120
        own = expected["count_120_days"]
        expected["user_knn"] = knn.own_share * own + (1 - knn.own_share) * theirs
        for column, name in enumerate(FEATURES):
            if name not in of_sources:
                value = expected.get(name, np.nan)
                assert matrix[n, column] == pytest.approx(value, rel=1e-5, abs=1e-6, nan_ok=True), (
                    name
                )


def test_a_source_has_score_and_rank_and_equal_scores_share_one(rng: np.random.Generator) -> None:
    candidates = made(rng)
    matrix = features(candidates)
    rank = matrix[:, FEATURES.index("near_rank")]
    for n, score in enumerate(candidates.scores["near"]):
        others = candidates.scores["near"][candidates.user == candidates.user[n]]
        better = int((others > score).sum())
        assert rank[n] == (1_000 if np.isnan(score) else better)
    assert np.isnan(matrix[:, FEATURES.index("popular_score")]).all()
    assert (matrix[:, FEATURES.index("popular_rank")] == 1_000).all()


def test_a_user_has_the_same_features_alone_and_among_others(rng: np.random.Generator) -> None:
    all_ = made(rng)
    together = features(all_)
    for user in range(USERS):
        rows, own = all_.user == user, all_.own.user == user
        alone = Candidates(
            all_.as_of,
            1,
            np.zeros(rows.sum(), np.int64),
            all_.item[rows],
            {name: score[rows] for name, score in all_.scores.items()},
            all_.cosine[rows],
            OwnEvents(
                np.zeros(own.sum(), np.int64),
                all_.own.item[own],
                all_.own.at[own],
                all_.own.basket[own],
            ),
            all_.statistics,
            all_.groups,
        )
        np.testing.assert_array_equal(features(alone), together[rows])


def test_nobody_and_nothing_have_no_rows() -> None:
    none = np.zeros(0, np.int64)
    empty = Candidates(
        NOW,
        0,
        none,
        none,
        {"near": np.zeros(0)},
        np.zeros(0),
        OwnEvents(none, none, none, none),
        np.zeros((0, len(STATISTICS))),
        np.zeros((0, GROUPS), np.int32),
    )
    assert features(empty).shape == (0, len(FEATURES))
