"""Tasks pooled: two windows of a small shop, against ranx and a count by hand."""

import warnings

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.vocabulary import Vocabulary
from engine.evaluation import ranking
from engine.evaluation.evaluation_setup import (
    EvaluationSetup,
    difference,
    most_judged,
    pooled,
    questions_of,
)
from engine.evaluation.protocols import EvaluationTask, NextItemProtocol, Window
from engine.models import PLAIN

from .protocols.rows import no_draw, shopping


def setup() -> EvaluationSetup:
    tasks = Window(7, 3).tasks(shopping(), no_draw)
    return EvaluationSetup(tasks, lambda: np.random.default_rng(0), (5, 10))


def lists_of(asked: EvaluationSetup, name: str, *, seen: bool) -> list[np.ndarray]:  # type: ignore[type-arg]
    method = PLAIN[name]
    return [
        ranking.top(
            question,
            method.build(task.parts.earlier, method.config(), np.random.default_rng(0)).score,
            asked.longest,
        )
        for task, question in zip(asked.tasks, asked.questions[seen], strict=True)
    ]


@pytest.mark.parametrize("seen", [False, True])
def test_the_mean_over_all_users_and_cuts_is_that_of_ranx(seen: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ranx
    asked = setup()
    lists = lists_of(asked, "item-knn", seen=seen)
    truth: dict[str, dict[str, int]] = {}
    run: dict[str, dict[str, float]] = {}
    for number, (task, own) in enumerate(zip(asked.tasks, lists, strict=True)):
        train, later = task.parts.earlier, task.parts.later
        had = set(zip(train.user.tolist(), train.item.tolist(), strict=True))
        for user, item in zip(later.user.tolist(), later.item.tolist(), strict=True):
            if user in train.user and item in train.item and (seen or (user, item) not in had):
                truth.setdefault(f"{number}-{user}", {})[str(item)] = 1
        for user, places in zip(asked.questions[seen][number].users.tolist(), own, strict=True):
            run[f"{number}-{user}"] = {str(item): 1.0 / n for n, item in enumerate(places, 1)}
    assert run.keys() == truth.keys()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = ranx.evaluate(
            ranx.Qrels(truth), ranx.Run(run), ["ndcg@10", "recall@5", "hit_rate@10"]
        )
    ours = pooled(asked.questions[seen], lists, asked.cutoffs)
    for name, value in theirs.items():
        assert ours.means[name.replace("hit_rate", "hit")] == pytest.approx(value, abs=1e-9)


def test_a_difference_is_paired_user_by_user_and_cut_by_cut() -> None:
    asked = setup()
    ours, theirs = (
        pooled(asked.questions[True], lists_of(asked, name, seen=True), asked.cutoffs)
        for name in ("buy-again", "popular")
    )
    gap = difference(ours, theirs, "ndcg@10", np.random.default_rng(0))
    each = ours.per_user["ndcg@10"] - theirs.per_user["ndcg@10"]
    assert gap.mean == pytest.approx(each.mean())
    assert gap.by_cut == pytest.approx([each[ours.tasks == n].mean() for n in range(3)])
    assert gap.users == len(np.unique(ours.users)) == asked.users_asked(seen=True)
    assert gap.users < len(each)
    same = difference(ours, ours, "ndcg@10", np.random.default_rng(0))
    assert (same.low, same.high) == (0.0, 0.0)


def test_of_single_items_hit_is_recall_and_there_is_one_task() -> None:
    asked = EvaluationSetup(
        NextItemProtocol().tasks(shopping(), no_draw), lambda: np.random.default_rng(0), (10,)
    )
    found = pooled(asked.questions[True], lists_of(asked, "popular", seen=True), asked.cutoffs)
    assert found.means["hit@10"] == found.means["recall@10"]
    assert difference(found, None, "ndcg@10", np.random.default_rng(0)).by_cut == ()


def test_a_kind_of_question_that_nobody_is_asked_is_left_out() -> None:
    events = shopping()
    # Nobody comes back to an item: each pair once.
    once = np.zeros(len(events), dtype=bool)
    once[np.unique(events.user * events.n_items + events.item, return_index=True)[1]] = True
    tasks = Window(7, 3).tasks(events.select(once), no_draw)
    assert set(EvaluationSetup(tasks, lambda: np.random.default_rng(0)).questions) == {False}


def test_of_many_users_some_are_judged_evenly_spread_and_fewer_where_each_costs_more() -> None:
    assert most_judged(810_128) > 29_858  # all of Gowalla
    assert most_judged(15_000_000) == most_judged(10**9) == 2_000
    users, items = Vocabulary([f"{n:04}" for n in range(5_000)]), Vocabulary("ab")
    had, later = (
        Interactions.of(users, items, np.arange(5_000), np.full(5_000, item)) for item in (0, 1)
    )
    both = had.joined(later)
    task = EvaluationTask(Split(both, later), lambda: Split(both, later))
    whole, some = (questions_of([task], work)[True][0] for work in (10**10, 1))
    assert len(whole.users) == 5_000
    assert len(some.users) <= 2_000
    assert set(np.diff(some.users)) == {3}
    assert some.relevant.nnz == whole.relevant.nnz
