"""The comparison every experiment ends with: what is served beside the model and plain methods."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.data.splits import Split
from engine.evaluation import ranking, sample_size
from engine.evaluation.baselines import BASELINES
from engine.evaluation.ranking import RankingQuality, UserScorer
from engine.evaluation.significance import Difference, paired_bootstrap

BLEND = "blend"
JUDGED = "ndcg@20"
COMPARED = (JUDGED, "recall@20")


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
    ours: Mapping[str, UserScorer],
    rivals: Mapping[str, UserScorer],
    parts: Split,
    generator: Callable[[], np.random.Generator],
) -> list[Comparison]:
    """Measure ``ours``, ``rivals`` and the baselines on the test part, seen items in and out.

    Args:
        ours: What is served, under the name ``blend``, and what it is made of.
        rivals: Plain methods beside the baselines.
        parts: What all of them know, and what they must predict.
        generator: Returns one that is seeded alike every time: each interval is drawn alike.
    """
    train = parts.earlier
    plain = dict(rivals) | {name: build(train) for name, build in BASELINES.items()}
    rows = []
    for seen, question in ranking.both_kinds(train, parts.later).items():
        found = {
            method: ranking.evaluate(question, score)
            for method, score in (dict(ours) | plain).items()
        }
        for method, quality in found.items():
            gaps = {} if method == BLEND else _gaps(found[BLEND], quality, generator)
            rows.append(Comparison(method, seen, method in plain, quality.means, gaps))
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
            f"over {gap.users} users."
        )
    return lines


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _gaps(
    ours: RankingQuality, theirs: RankingQuality, generator: Callable[[], np.random.Generator]
) -> dict[str, Difference]:
    return {
        name: paired_bootstrap(ours.per_user[name], theirs.per_user[name], generator())
        for name in COMPARED
    }
