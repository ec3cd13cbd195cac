"""The comparison every experiment ends with: what is served beside the model and plain methods."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.data.arrays import Int64Array
from engine.evaluation import ranking, repeat_explore, sample_size
from engine.evaluation.baselines import BASELINES
from engine.evaluation.evaluation_setup import EvaluationSetup, PooledQuality, difference, pooled
from engine.evaluation.protocols import EvaluationProtocol, EvaluationTask, SingleSplit
from engine.evaluation.ranking import RankingTask, UserScorer
from engine.evaluation.significance import Difference

BLEND = "blend"
JUDGED = "ndcg@20"
COMPARED = (JUDGED, "recall@20")
CUTOFFS = (10, 20)
_SPLIT = SingleSplit()


@dataclass(frozen=True)
class JudgedTask:
    """Methods that know the first part of a task, and are judged on the other.

    Attributes:
        ours: What is served, under the name ``blend``, and what it is made of.
        rivals: Plain methods beside the baselines.
    """

    task: EvaluationTask
    ours: Mapping[str, UserScorer]
    rivals: Mapping[str, UserScorer] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """One method on the test part.

    Attributes:
        seen: Whether lists may hold what the user has had.
        plain: Whether it needs no training: a rival, not a part of what is served.
        means: Every metric at 10 and 20; of a basket the personal hit ratio too, and what was
            repeated apart from what was not.
        against_blend: (blend - method) with its interval, by metric; the first of them decides.
    """

    method: str
    seen: bool
    plain: bool
    means: dict[str, float]
    against_blend: dict[str, Difference]


def compare(
    judged: Sequence[JudgedTask],
    generator: Callable[[], np.random.Generator],
    protocol: EvaluationProtocol = _SPLIT,
) -> list[Comparison]:
    """Measure what is served, its rivals and the baselines, seen items in and out.

    Args:
        judged: The tasks with their methods, the same names in each.
        generator: Returns one that is seeded alike every time: each interval is drawn alike.
        protocol: What the tasks are of: its longest list decides, and baskets are shown as such.
    """
    setup = EvaluationSetup(
        [one.task for one in judged], generator, CUTOFFS, by_basket=protocol.by_basket
    )
    compared = compared_at(max(protocol.cutoffs))
    rivals = [*judged[0].rivals, *BASELINES]
    lists: dict[bool, dict[str, list[Int64Array]]] = {seen: {} for seen in setup.questions}
    for method in dict.fromkeys([*judged[0].ours, *rivals]):
        # One method at a time: some hold several matrices of all events.
        scores = [_scorer(one, method) for one in judged]
        for seen, questions in setup.questions.items():
            lists[seen][method] = _lists(questions, scores)
    rows = []
    for seen, questions in setup.questions.items():
        found = {method: pooled(questions, own, CUTOFFS) for method, own in lists[seen].items()}
        for method, quality in found.items():
            gaps = {} if method == BLEND else _gaps(found[BLEND], quality, compared, generator)
            means = quality.means | repeat_explore.basket_means(
                setup, lists[seen][method], quality.means, seen=seen
            )
            rows.append(Comparison(method, seen, method in rivals, means, gaps))
    return rows


def compared_at(k: int) -> tuple[str, str]:
    """Return the metrics that have intervals where lists of that length decide, that one first."""
    return f"ndcg@{k}", f"recall@{k}"


def verdicts(comparisons: Sequence[Comparison], cause: str = "") -> list[str]:
    """Say in plain words, for either kind of list, which method won and how the blend fared.

    Where fewer than ``sample_size.FEWEST_USERS`` were asked, none did.

    Args:
        comparisons: What was measured; nothing where nobody was asked.
        cause: Why few users were asked, where few were.
    """
    if not comparisons:
        return [_sentence(sample_size.too_few(0, cause))]
    lines = []
    judged = next((name for one in comparisons for name in one.against_blend), JUDGED)
    for seen, where in ((False, "New items only"), (True, "Seen items allowed")):
        asked = [one for one in comparisons if one.seen is seen]
        plain = [one for one in asked if one.plain]
        if not plain:
            continue
        best = max(plain, key=lambda one: one.means[judged])
        ours = {one.method: one.means[judged] for one in asked if not one.plain}
        gap = best.against_blend[judged]
        if gap.users < sample_size.FEWEST_USERS:
            lines.append(f"{where}: {sample_size.too_few(gap.users, cause)}")
            continue
        verdict = (
            "beats it" if gap.better else "loses to it" if gap.high < 0 else "is level with it"
        )
        alone = ", ".join(
            f"{method} alone {value:.4f}" for method, value in ours.items() if method != BLEND
        )
        lines.append(
            f"{where}: the best plain method is {best.method} with {judged} "
            f"{best.means[judged]:.4f}; {alone}. The blend {verdict}: "
            f"{ours[BLEND]:.4f}, {gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}] "
            f"over {gap.asked}."
        )
    return lines


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _scorer(one: JudgedTask, method: str) -> UserScorer:
    if method in BASELINES:
        return BASELINES[method](one.task.parts.earlier)
    return {**one.ours, **one.rivals}[method]


def _lists(questions: Sequence[RankingTask], scores: Sequence[UserScorer]) -> list[Int64Array]:
    return [
        ranking.top(question, score, max(CUTOFFS))
        for question, score in zip(questions, scores, strict=True)
    ]


def _gaps(
    ours: PooledQuality,
    theirs: PooledQuality,
    compared: Sequence[str],
    generator: Callable[[], np.random.Generator],
) -> dict[str, Difference]:
    return {name: difference(ours, theirs, name, generator()) for name in compared}
