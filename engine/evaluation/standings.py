"""Standings: every method's lists judged by one protocol, and who wins.

Means come with a bootstrap interval over users; each method is paired, user by user, with the best
plain one, which the test part itself names: that favours the plain methods.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from engine.data.arrays import Int64Array
from engine.data.splits import Split
from engine.evaluation import beyond_accuracy, cold_start, ranking, sample_size
from engine.evaluation.ranking import RankingQuality, RankingTask
from engine.evaluation.significance import Difference, paired_bootstrap

MethodKind = Literal["plain", "trained", "blend", "lists"]
"""``blend`` is a trained model as it is served, ``lists`` came from elsewhere."""
WHERE = {False: "New items only", True: "Seen items allowed"}
_DRAWS = 2_000
_Generator = Callable[[], np.random.Generator]


@dataclass(frozen=True)
class Protocol:
    """What is asked and how it is judged, the same for all.

    Attributes:
        parts: What all of them know, and what they must predict.
        cutoffs: Lengths of list that are judged.
        generator: Returns one that is seeded alike every time: each interval is drawn alike.
        questions: Without seen items under False and, where people come back, with them.
    """

    parts: Split
    generator: _Generator
    cutoffs: tuple[int, ...] = (10, 20)
    questions: Mapping[bool, RankingTask] = field(init=False)

    def __post_init__(self) -> None:
        """Work out the questions."""
        asked = ranking.both_kinds(self.parts.earlier, self.parts.later)
        object.__setattr__(self, "questions", asked)

    @property
    def longest(self) -> int:
        """How long a list has to be."""
        return max(self.cutoffs)

    @property
    def judged(self) -> str:
        """The metric that decides who wins."""
        return f"ndcg@{self.longest}"

    @property
    def shown(self) -> tuple[str, str]:
        """The metrics that have intervals."""
        return self.judged, f"recall@{self.longest}"


@dataclass(frozen=True, eq=False)
class MethodLists:
    """A method and its lists.

    Attributes:
        lists: For each question, ``(n_asked, k)`` item rows, best first, -1 in an empty place.
    """

    name: str
    kind: MethodKind
    lists: Mapping[bool, Int64Array]


@dataclass(frozen=True)
class MethodStanding:
    """One method on one question.

    Attributes:
        means: Every metric at every cutoff, and what lies beyond accuracy at the longest.
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


def standings(protocol: Protocol, contestants: Sequence[MethodLists]) -> list[MethodStanding]:
    """Judge lists with and without seen items; at least one contestant must be plain."""
    rows = []
    for seen, question in protocol.questions.items():
        found = [
            ranking.measure(question, one.lists[seen], protocol.cutoffs) for one in contestants
        ]
        value = [
            quality.means[protocol.judged] if one.kind == "plain" else -1.0
            for one, quality in zip(contestants, found, strict=True)
        ]
        best = int(np.argmax(value))
        rows += [
            MethodStanding(
                one.name,
                one.kind,
                seen,
                quality.means | _beyond(protocol, question, one.lists[seen]),
                _against(protocol, quality, None),
                {} if number == best else _against(protocol, quality, found[best]),
                _cold(protocol, question, one.lists[seen]),
            )
            for number, (one, quality) in enumerate(zip(contestants, found, strict=True))
        ]
    return rows


def _beyond(protocol: Protocol, question: RankingTask, lists: Int64Array) -> dict[str, float]:
    k, train = protocol.longest, protocol.parts.earlier
    popularity = beyond_accuracy.popularity_of_items(train)
    return {
        f"novelty@{k}": beyond_accuracy.novelty(lists, popularity, train.n_users),
        f"popularity-lift@{k}": beyond_accuracy.popularity_lift(
            lists, question.users, train, popularity
        ),
        f"gini@{k}": beyond_accuracy.gini(lists, ~question.never),
    }


def _against(
    protocol: Protocol, ours: RankingQuality, theirs: RankingQuality | None
) -> dict[str, Difference]:
    """Return the mean difference of the metrics that are shown; against nothing, the mean."""
    return {
        name: paired_bootstrap(
            ours.per_user[name],
            np.zeros_like(ours.per_user[name]) if theirs is None else theirs.per_user[name],
            protocol.generator(),
            draws=_DRAWS,
        )
        for name in protocol.shown
    }


def _cold(
    protocol: Protocol, question: RankingTask, lists: Int64Array
) -> dict[str, dict[str, Difference]]:
    train = protocol.parts.earlier
    found = {}
    for side, some in (
        ("users", cold_start.cold_users(question, train)),
        ("items", cold_start.cold_items(question, train)),
    ):
        if len(some.users):
            own = cold_start.lists_of(question, lists, some)
            found[side] = _against(protocol, ranking.measure(some, own, (protocol.longest,)), None)
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
    interval = f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}] over {gap.users} users"
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
