"""Repeat and explore, worked out by hand on three users, and against a loop on a small shop."""

import numpy as np
import pytest

from engine.data.arrays import Int64Array
from engine.data.splits import Split
from engine.evaluation import ranking
from engine.evaluation.baselines import BASELINES
from engine.evaluation.evaluation_setup import EvaluationSetup, pooled
from engine.evaluation.protocols import EvaluationTask, NextBasket
from engine.evaluation.repeat_explore import (
    parts_of,
    personal_hit_ratio,
    repeat_and_explore,
    repeated_shares,
)
from engine.evaluation.standings import MethodLists, standings
from engine.models import PLAIN

from .protocols.rows import events_of, no_draw, shopping


def test_a_basket_is_parted_into_what_was_had_and_what_was_not() -> None:
    known = events_of([(0, 0, 1.0), (0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (3, 4, 1.0)])
    basket = events_of([(0, 0, 9.0), (0, 2, 9.0), (1, 2, 9.0), (2, 4, 9.0)])
    question = ranking.task(known, basket, include_seen=True)
    parts = parts_of(question, known.csr(binary=True))
    assert parts["repeat"].users.tolist() == [0, 1]
    assert parts["explore"].users.tolist() == [0, 2]
    assert parts["repeat"].relevant[[0]].indices.tolist() == [0]
    assert parts["explore"].relevant[[0]].indices.tolist() == [2]


def test_the_share_of_a_list_that_its_user_had() -> None:
    known = events_of([(0, 0, 1.0), (0, 1, 1.0), (1, 2, 1.0)]).csr(binary=True)
    lists = np.array([[0, 1, 2, 3], [0, 2, -1, -1], [-1, -1, -1, -1]])
    assert repeated_shares(np.array([0, 1, 2]), lists, known).tolist() == [0.5, 0.5, 0.0]
    assert repeated_shares(np.array([2]), lists[2:], known).tolist() == [0.0]


def test_metrics_of_either_part_are_those_of_a_loop_over_users() -> None:
    tasks = NextBasket(7, 3).tasks(shopping(), no_draw)
    setup = EvaluationSetup(tasks, lambda: np.random.default_rng(0), (2, 5), by_basket=True)
    method = PLAIN["item-knn"]
    lists = [
        ranking.top(
            question,
            method.build(task.parts.earlier, method.config(), np.random.default_rng(0)).score,
            5,
        )
        for task, question in zip(tasks, setup.questions[True], strict=True)
    ]
    found = repeat_and_explore(setup, lists)
    for k in (2, 5):
        recalls: dict[str, list[float]] = {"repeat": [], "explore": []}
        shares: list[float] = []
        for task, question, own in zip(tasks, setup.questions[True], lists, strict=True):
            train, later = task.parts.earlier, task.parts.later
            for user, listed in zip(question.users.tolist(), own[:, :k].tolist(), strict=True):
                had = set(train.item[train.user == user].tolist())
                basket = set(later.item[later.user == user].tolist()) & set(train.item.tolist())
                shares.append(len(had & set(listed)) / k)
                for part, wanted in (("repeat", basket & had), ("explore", basket - had)):
                    if wanted:
                        recalls[part].append(len(wanted & set(listed)) / len(wanted))
        assert found[f"repeat-share@{k}"] == pytest.approx(np.mean(shares))
        for part, values in recalls.items():
            assert found[f"{part}-recall@{k}"] == pytest.approx(np.mean(values))
    both = pooled(setup.questions[True], lists, (2, 5)).means
    assert personal_hit_ratio(both, (2, 5)) == {"phr@2": both["hit@2"], "phr@5": both["hit@5"]}
    rows = {
        one.seen: one.means
        for one in standings(
            setup,
            [
                MethodLists(
                    "k",
                    "plain",
                    {
                        True: lists,
                        False: [
                            ranking.top(q, lambda rows: np.zeros((len(rows), 25), np.float32), 5)
                            for q in setup.questions[False]
                        ],
                    },
                )
            ],
        )
    }
    assert found.items() <= rows[True].items()
    assert "phr@5" in rows[False]
    assert "repeat-recall@5" not in rows[False]


def test_a_cut_that_asks_nobody_changes_no_figure() -> None:
    tasks = NextBasket(7, 2).tasks(shopping(), no_draw)
    parts = tasks[0].parts
    nobody = Split(parts.earlier, parts.earlier.select(np.zeros(len(parts.earlier), dtype=bool)))
    found = []
    for some in (tasks, [*tasks, EvaluationTask(nobody, lambda: nobody)]):
        setup = EvaluationSetup(some, lambda: np.random.default_rng(0), (5,), by_basket=True)
        rows = standings(setup, [MethodLists("popular", "plain", _of_popular(setup))])
        found.append({one.seen: one.means for one in rows})
    assert found[1] == found[0]


def _of_popular(setup: EvaluationSetup) -> dict[bool, list[Int64Array]]:
    return {
        seen: [
            ranking.top(question, BASELINES["popular"](task.parts.earlier), 5)
            for task, question in zip(setup.tasks, questions, strict=True)
        ]
        for seen, questions in setup.questions.items()
    }
