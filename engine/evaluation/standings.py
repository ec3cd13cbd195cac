"""Standings: every method's lists judged by one protocol, and who wins.

Means come with a bootstrap interval over users, and over cuts where there are several; each method
is paired, user by user and cut by cut, with the best plain one, which the test part itself names:
that favours the plain methods.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engine.data.arrays import Int64Array
from engine.evaluation import beyond_accuracy, cold_start, repeat_explore, sample_size
from engine.evaluation.evaluation_setup import (
    EvaluationSetup,
    PooledQuality,
    difference,
    different_users,
    pooled,
)
from engine.evaluation.significance import Difference

MethodKind = Literal["plain", "trained", "blend", "lists"]
"""``blend`` is a trained model as it is served, ``lists`` came from elsewhere."""
WHERE = {False: "New items only", True: "Seen items allowed"}
_DRAWS = 2_000


@dataclass(frozen=True, eq=False)
class MethodLists:
    """A method and its lists.

    Attributes:
        lists: For each question, of each task ``(n_asked, k)`` item rows, best first, -1 in an
            empty place.
    """

    name: str
    kind: MethodKind
    lists: Mapping[bool, Sequence[Int64Array]]


@dataclass(frozen=True)
class MethodStanding:
    """One method on one question.

    Attributes:
        means: Every metric at every cutoff, and what lies beyond accuracy at the longest; of a
            basket the personal hit ratio too, and what was repeated apart from what was not.
        intervals: Mean, low and high of the metrics that are shown.
        gaps: (method - best plain method) of these; nothing for the best plain one itself.
        cold: ``users`` and ``items``: the same metrics where little was known; nobody asked: none.
    """

    name: str
    kind: MethodKind
    seen: bool
    means: dict[str, float]
    intervals: dict[str, Difference]
    gaps: dict[str, Difference]
    cold: dict[str, dict[str, Difference]]

    @property
    def question(self) -> str:
        """The question in words."""
        return WHERE[self.seen]


def standing_rows(rows: Sequence[MethodStanding], judged: str) -> list[dict[str, Any]]:
    """Return a flat row per question and method, the best of each question first.

    Args:
        rows: The standings.
        judged: The metric that decides.

    Returns:
        ``question``, ``method``, ``kind``, every metric, and of the one that decides the distance
        to the best plain method with the ends of its interval: ``gap``, ``gap_low``, ``gap_high``.
    """
    found: list[dict[str, Any]] = []
    for one in sorted(rows, key=lambda row: (row.seen, -row.means[judged])):
        gap = one.gaps.get(judged)
        found.append(
            {"question": one.question, "method": one.name, "kind": one.kind, **one.means}
            | {"gap": None, "gap_low": None, "gap_high": None}
            | ({} if gap is None else {"gap": gap.mean, "gap_low": gap.low, "gap_high": gap.high})
        )
    return found


def standings(setup: EvaluationSetup, contestants: Sequence[MethodLists]) -> list[MethodStanding]:
    """Judge lists with and without seen items; at least one contestant must be plain."""
    rows = []
    for seen, questions in setup.questions.items():
        found = [pooled(questions, one.lists[seen], setup.cutoffs) for one in contestants]
        value = [
            quality.means[setup.judged] if one.kind == "plain" else -1.0
            for one, quality in zip(contestants, found, strict=True)
        ]
        best = int(np.argmax(value))
        rows += [
            MethodStanding(
                one.name,
                one.kind,
                seen,
                quality.means | _beside(setup, one.lists[seen], quality, seen=seen),
                _against(setup, quality, None),
                {} if number == best else _against(setup, quality, found[best]),
                _cold(setup, one.lists[seen], seen=seen),
            )
            for number, (one, quality) in enumerate(zip(contestants, found, strict=True))
        ]
    return rows


def _beside(
    setup: EvaluationSetup, lists: Sequence[Int64Array], quality: PooledQuality, *, seen: bool
) -> dict[str, float]:
    """Return what is shown beside accuracy, averaged over the tasks that ask anybody."""
    k = setup.longest
    found: dict[str, list[float]] = {}
    for task, question, own in zip(setup.tasks, setup.questions[seen], lists, strict=True):
        if not len(question.users):
            continue
        popularity = beyond_accuracy.popularity_of_items(task.had)
        for name, value in (
            ("novelty", beyond_accuracy.novelty(own, popularity, task.had.shape[0])),
            (
                "popularity-lift",
                beyond_accuracy.popularity_lift(own, question.users, task.had, popularity),
            ),
            ("gini", beyond_accuracy.gini(own, ~question.never)),
        ):
            found.setdefault(f"{name}@{k}", []).append(value)
    means = {name: float(np.mean(values)) for name, values in found.items()}
    return means | repeat_explore.basket_means(setup, lists, quality.means, seen=seen)


def _against(
    setup: EvaluationSetup, ours: PooledQuality, theirs: PooledQuality | None
) -> dict[str, Difference]:
    """Return the mean difference of the metrics that are shown; against nothing, the mean."""
    return {name: difference(ours, theirs, name, setup.generator(), _DRAWS) for name in setup.shown}


def _cold(
    setup: EvaluationSetup, lists: Sequence[Int64Array], *, seen: bool
) -> dict[str, dict[str, Difference]]:
    questions = setup.questions[seen]
    train = [one.parts.earlier for one in setup.tasks]
    found = {}
    for side, part in (("users", cold_start.cold_users), ("items", cold_start.cold_items)):
        some = [part(*pair) for pair in zip(questions, train, strict=True)]
        if different_users(some):
            own = [cold_start.lists_of(*one) for one in zip(questions, lists, some, strict=True)]
            found[side] = _against(setup, pooled(some, own, (setup.longest,)), None)
    return found


def headline(rows: Sequence[MethodStanding], judged: str, cause: str = "") -> list[str]:
    """Say who wins, a line for each question; where a plain method does, that line is first.

    Where fewer than ``sample_size.FEWEST_USERS`` were asked, nobody does.

    Args:
        rows: What was found.
        judged: The metric that decides.
        cause: Why few users were asked, where few were.
    """
    lines = [
        (_plain_wins(own, judged), f"{WHERE[seen]}: {_verdict(own, judged, cause)}")
        for seen in (False, True)
        if (own := [one for one in rows if one.seen is seen])
    ]
    return [line for _, line in sorted(lines, key=lambda line: not line[0])]


def _plain_wins(rows: Sequence[MethodStanding], judged: str) -> bool:
    """Return whether no other method has more than the best plain one."""
    best = {
        plain: max((o.means[judged] for o in rows if (o.kind == "plain") is plain), default=-1.0)
        for plain in (True, False)
    }
    return best[True] >= best[False]


def _verdict(rows: Sequence[MethodStanding], judged: str, cause: str) -> str:
    users = rows[0].intervals[judged].users
    if users < sample_size.FEWEST_USERS:
        return sample_size.too_few(users, cause)
    plain = max((r for r in rows if r.kind == "plain"), key=lambda one: one.means[judged])
    others = [one for one in rows if one.kind != "plain"]
    if not others:
        return f"among plain methods {plain.name} wins, {judged} {plain.means[judged]:.4f}."
    best = max(others, key=lambda one: one.means[judged])
    gap = best.gaps[judged]
    interval = f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}] over {gap.asked}"
    if _plain_wins(rows, judged):
        sure = "outside" if gap.high < 0 else "within"
        return (
            f"a plain method wins: {plain.name}, {judged} {plain.means[judged]:.4f}. "
            f"The best other, {best.name}, has {best.means[judged]:.4f}: {interval}, "
            f"{sure} the noise."
        )
    return (
        f"{best.name} {'wins' if gap.better else 'leads within the noise'}, "
        f"{judged} {best.means[judged]:.4f}. The best plain method, {plain.name}, has "
        f"{plain.means[judged]:.4f}: {interval}."
    )
