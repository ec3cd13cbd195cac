"""Evaluation setup: the tasks of a protocol and what is asked in them, the same for all methods."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.data.arrays import Float64Array, Int64Array
from engine.evaluation import ranking
from engine.evaluation.protocols import EvaluationTask
from engine.evaluation.ranking import RankingTask
from engine.evaluation.significance import Difference, paired_bootstrap, two_way_bootstrap

GeneratorSource = Callable[[], np.random.Generator]
JUDGED_WORK = 30_000_000_000
"""Users judged at a cut times the events known there: what judging costs grows with both."""
_ALWAYS_JUDGED = 2_000


@dataclass(frozen=True, eq=False)
class EvaluationSetup:
    """What is asked and how it is judged.

    Attributes:
        tasks: What all methods know, and what they must predict, oldest first.
        generator: Returns one that is seeded alike every time: each interval is drawn alike.
        cutoffs: Lengths of list that are judged.
        by_basket: Whether what is to be found is a basket: its repeated items are judged apart.
        questions: A question for each task, without seen items under False and, where people come
            back, with them under True.
    """

    tasks: Sequence[EvaluationTask]
    generator: GeneratorSource
    cutoffs: tuple[int, ...] = (10, 20)
    by_basket: bool = False
    questions: Mapping[bool, Sequence[RankingTask]] = field(init=False)

    def __post_init__(self) -> None:
        """Work out the questions; one that nobody is asked is left out."""
        object.__setattr__(self, "questions", questions_of(self.tasks))

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

    def users_asked(self, *, seen: bool) -> int:
        """Return how many different users are asked, 0 where there is no such question."""
        return different_users(self.questions.get(seen, ()))


@dataclass(frozen=True, eq=False)
class PooledQuality:
    """What a method's lists are worth, all tasks together.

    Attributes:
        per_user: Metric to ``(n,)`` values, one of each user at each task.
        users: ``(n,)`` the user of each value.
        tasks: ``(n,)`` the number of the task of each value.
        means: Each metric averaged over all values, ``coverage@k`` over the tasks that ask
            anybody.
    """

    per_user: dict[str, Float64Array]
    users: Int64Array
    tasks: Int64Array
    means: dict[str, float]


def questions_of(
    tasks: Sequence[EvaluationTask], work: int = JUDGED_WORK
) -> dict[bool, tuple[RankingTask, ...]]:
    """Return the questions of some tasks without seen items under False, with them under True.

    Where nobody comes back to an item the second kind answers nothing and is left out, and so is a
    kind that no user is asked. Of many users some are asked, evenly spread: see ``most_judged``.

    Args:
        tasks: Of a protocol.
        work: Users of a question times events known, at most.
    """
    asked = {
        seen: tuple(
            ranking.thinned(
                ranking.task(one.parts.earlier, one.parts.later, include_seen=seen),
                most_judged(len(one.parts.earlier), work),
            )
            for one in tasks
        )
        for seen in (False, True)
    }
    to_find = {seen: sum(one.relevant.nnz for one in own) for seen, own in asked.items()}
    if to_find[False] == to_find[True]:
        del asked[True]
    return {seen: own for seen, own in asked.items() if different_users(own)}


def most_judged(events: int, work: int = JUDGED_WORK) -> int:
    """Return how many users are judged at a cut that has so many events before it.

    Neighbours of a user are found among all events, so judging everybody costs the square of their
    number: 30,000 of a million events are judged, 2,000 of fifteen million and of more.
    """
    return max(_ALWAYS_JUDGED, work // max(1, events))


def different_users(questions: Sequence[RankingTask]) -> int:
    """Return how many different users some questions ask."""
    return len(np.unique(np.concatenate([one.users for one in questions]))) if questions else 0


def pooled(
    questions: Sequence[RankingTask], lists: Sequence[Int64Array], cutoffs: tuple[int, ...]
) -> PooledQuality:
    """Measure a method's lists.

    Args:
        questions: One for each task.
        lists: For each, ``(n_asked, k)`` item rows, best first, -1 in an empty place.
        cutoffs: Lengths of list that are judged.
    """
    found = [
        ranking.measure(question, own, cutoffs)
        for question, own in zip(questions, lists, strict=True)
    ]
    per_user = {
        name: np.concatenate([one.per_user[name] for one in found]) for name in found[0].per_user
    }
    means = {
        name: float(values.mean()) if len(values) else 0.0 for name, values in per_user.items()
    }
    counts = [len(one.users) for one in questions]
    asking = [one for one, count in zip(found, counts, strict=True) if count] or found
    for k in cutoffs:
        means[f"coverage@{k}"] = float(np.mean([one.means[f"coverage@{k}"] for one in asking]))
    return PooledQuality(
        per_user,
        np.concatenate([one.users for one in questions]),
        np.repeat(np.arange(len(counts)), counts),
        means,
    )


def difference(
    ours: PooledQuality,
    theirs: PooledQuality | None,
    metric: str,
    generator: np.random.Generator,
    draws: int = 5_000,
) -> Difference:
    """Return the mean of (ours - theirs), with its interval over users and, of several, over cuts.

    Args:
        ours: One method.
        theirs: Another one on the same questions; None: nothing, the mean of ours.
        metric: Of ``per_user``.
        generator: Draws the resamples.
        draws: How many.
    """
    own = ours.per_user[metric]
    other = np.zeros_like(own) if theirs is None else theirs.per_user[metric]
    if not len(ours.tasks) or ours.tasks[-1] == 0:
        return paired_bootstrap(own, other, generator, draws=draws)
    return two_way_bootstrap(own - other, ours.users, ours.tasks, generator, draws=draws)
