"""The comparison every experiment ends with: what is served beside the model and plain methods."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.evaluation import ranking, sample_size
from engine.evaluation.baselines import BASELINES
from engine.evaluation.evaluation_setup import PooledQuality, difference, pooled, questions_of
from engine.evaluation.protocols import EvaluationTask
from engine.evaluation.ranking import RankingTask, UserScorer
from engine.evaluation.significance import Difference

BLEND = "blend"
JUDGED = "ndcg@20"
COMPARED = (JUDGED, "recall@20")
CUTOFFS = (10, 20)


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
        against_blend: (blend - method) with its interval, by metric.
    """

    method: str
    seen: bool
    plain: bool
    means: dict[str, float]
    against_blend: dict[str, Difference]


def compare(
    judged: Sequence[JudgedTask], generator: Callable[[], np.random.Generator]
) -> list[Comparison]:
    """Measure what is served, its rivals and the baselines, seen items in and out.

    Args:
        judged: The tasks with their methods, the same names in each.
        generator: Returns one that is seeded alike every time: each interval is drawn alike.
    """
    plain = [
        dict(one.rivals)
        | {name: build(one.task.parts.earlier) for name, build in BASELINES.items()}
        for one in judged
    ]
    methods = [dict(one.ours) | own for one, own in zip(judged, plain, strict=True)]
    rows = []
    for seen, questions in questions_of([one.task for one in judged]).items():
        found = {
            method: _measured(questions, [one[method] for one in methods]) for method in methods[0]
        }
        for method, quality in found.items():
            gaps = {} if method == BLEND else _gaps(found[BLEND], quality, generator)
            rows.append(Comparison(method, seen, method in plain[0], quality.means, gaps))
    return rows


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
    for seen, where in ((False, "New items only"), (True, "Seen items allowed")):
        asked = [one for one in comparisons if one.seen is seen]
        plain = [one for one in asked if one.plain]
        if not plain:
            continue
        best = max(plain, key=lambda one: one.means[JUDGED])
        ours = {one.method: one.means[JUDGED] for one in asked if not one.plain}
        gap = best.against_blend[JUDGED]
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
            f"{where}: the best plain method is {best.method} with {JUDGED} "
            f"{best.means[JUDGED]:.4f}; {alone}. The blend that is served {verdict}: "
            f"{ours[BLEND]:.4f}, {gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}] "
            f"over {gap.asked}."
        )
    return lines


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _measured(questions: Sequence[RankingTask], scores: Sequence[UserScorer]) -> PooledQuality:
    lists = [
        ranking.top(question, score, max(CUTOFFS))
        for question, score in zip(questions, scores, strict=True)
    ]
    return pooled(questions, lists, CUTOFFS)


def _gaps(
    ours: PooledQuality, theirs: PooledQuality, generator: Callable[[], np.random.Generator]
) -> dict[str, Difference]:
    return {name: difference(ours, theirs, name, generator()) for name in COMPARED}
