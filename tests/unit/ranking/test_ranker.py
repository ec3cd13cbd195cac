"""Trees learn what is there to learn, and are the same text wherever they are read."""

from pathlib import Path

import numpy as np
import pytest

from engine.errors import CheckpointInvalid, DataError
from engine.ranking import ranker
from engine.ranking.candidate_features import FEATURES
from engine.ranking.ranker import LabelledCandidates, Ranker, RankerSettings

SETTINGS = RankerSettings(trees=20, leaves=7, rows_per_leaf=5)


def window(rng: np.random.Generator, users: int = 40, each: int = 30) -> LabelledCandidates:
    """Users take what is overdue for them and popular with others."""
    matrix = rng.random((users * each, len(FEATURES))).astype(np.float32)
    wish = matrix[:, FEATURES.index("overdue")] + matrix[:, FEATURES.index("item_events_7_days")]
    return LabelledCandidates(np.repeat(np.arange(users), each), matrix, wish > 1.5)


@pytest.fixture(scope="module")
def learned() -> Ranker:
    return ranker.fit(
        [window(np.random.default_rng(n)) for n in range(2)], SETTINGS, ("category",), seed=3
    )


def test_the_ranker_puts_first_what_is_taken(learned: Ranker) -> None:
    later = window(np.random.default_rng(9))
    score = learned.score(later.features)
    right = [
        later.right[later.user == user][np.argsort(-score[later.user == user])[:3]].mean()
        for user in np.unique(later.user[later.right])
    ]
    assert np.mean(right) > 0.8
    assert later.right.mean() < 0.2


def test_contributions_add_up_to_the_score_and_name_what_decided(learned: Ranker) -> None:
    later = window(np.random.default_rng(9))
    parts, score = learned.contributions(later.features), learned.score(later.features)
    rest = score - parts.sum(axis=1)
    np.testing.assert_allclose(rest, rest[0], atol=1e-6)
    strongest = np.argsort(-np.abs(parts).mean(axis=0))[:2]
    assert {FEATURES[n] for n in strongest} == {"overdue", "item_events_7_days"}


def test_one_seed_gives_one_ranker(learned: Ranker) -> None:
    windows = [window(np.random.default_rng(n)) for n in range(2)]
    assert ranker.fit(windows, SETTINGS, ("category",), seed=3, threads=2).digest == learned.digest
    assert ranker.fit(windows, SETTINGS, ("category",), seed=4).digest != learned.digest


def test_more_own_purchases_never_speak_against_an_item(learned: Ranker) -> None:
    rows = window(np.random.default_rng(9)).features[:200]
    more = rows.copy()
    more[:, FEATURES.index("count_30_days")] += 1.0
    assert (learned.score(more) >= learned.score(rows)).all()


def test_a_ranker_is_read_as_it_was_written(learned: Ranker, tmp_path: Path) -> None:
    path = tmp_path / "ranker.txt"
    ranker.save(path, learned)
    again = ranker.load(path, learned.digest)
    rows = window(np.random.default_rng(9)).features
    np.testing.assert_array_equal(again.score(rows), learned.score(rows))
    path.write_text(learned.text.replace("overdue_by_others", "overdue"), encoding="utf-8")
    with pytest.raises(CheckpointInvalid, match="SHA-256"):
        ranker.load(path, learned.digest)
    with pytest.raises(CheckpointInvalid, match="other features"):
        ranker.load(path, Ranker(path.read_text(encoding="utf-8")).digest)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(CheckpointInvalid):
        ranker.load(path, learned.digest)


def test_users_who_took_nothing_or_everything_teach_nothing() -> None:
    rows = np.zeros((6, len(FEATURES)), np.float32)
    user = np.array([0, 0, 0, 1, 1, 1])
    right = np.array([False, False, False, True, True, True])
    with pytest.raises(DataError, match="no user took any candidate"):
        ranker.fit([LabelledCandidates(user, rows, right)], SETTINGS, ("category",), seed=0)
    with pytest.raises(DataError):
        ranker.fit([], SETTINGS, ("category",), seed=0)


def test_nothing_to_rank_has_no_scores(learned: Ranker) -> None:
    assert learned.score(np.zeros((0, len(FEATURES)), np.float32)).shape == (0,)


def test_thinned_candidates_hold_all_that_were_right(rng: np.random.Generator) -> None:
    whole = window(rng)
    kept = whole.thinned(0.3, rng)
    assert kept.right.sum() == whole.right.sum()
    others = len(whole.right) - whole.right.sum()
    assert 0.2 * others < len(kept.right) - kept.right.sum() < 0.4 * others
    rows = {row.tobytes() for row in whole.features}
    assert all(row.tobytes() in rows for row in kept.features)
    assert whole.thinned(1.0, rng) is whole


def test_fewer_trees_are_the_first_ones(learned: Ranker, rng: np.random.Generator) -> None:
    features = window(rng).features
    all_ = learned.score(features, SETTINGS.trees)
    np.testing.assert_array_equal(all_, learned.score(features))
    assert not np.array_equal(learned.score(features, 1), all_)
