"""The gate: may a candidate take the place of what is in service? Rules, figures, sentences.

Pure NumPy over what was measured elsewhere; decides nothing about what to do next.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from engine.data.arrays import BoolArray, Float32Array
from engine.evaluation.hold_out_window import WindowQuality
from engine.evaluation.sample_size import FEWEST_USERS
from engine.evaluation.significance import Difference, paired_bootstrap

GeneratorFactory = Callable[[], np.random.Generator]


@dataclass(frozen=True)
class GateLimits:
    """What the gate asks.

    Attributes:
        users: Fewest users of the window; with fewer the verdict is chance.
        confidence: Of the interval of a difference; shared out where there are several candidates.
        coverage: Least share of the coverage of what is in service.
        index_recall: Least share of the model's own top 20 that the index returns.
        mean_cosine: Largest mean cosine between two items, or two users.
        variance: Least variance of unit vectors, all coordinates together; 1 is a full sphere.
        direction: Largest share of that variance in one direction.
        level_after_days: A candidate that is not worse, by ``level`` at most, may follow a
            generation that is so old; None: it must always beat it.
        level: How much worse the interval's lower end may be then.
    """

    users: int = FEWEST_USERS
    confidence: float = 0.95
    coverage: float = 0.8
    index_recall: float = 0.98
    mean_cosine: float = 0.9
    variance: float = 0.05
    direction: float = 0.95
    level_after_days: float | None = 7.0
    level: float = 0.005


@dataclass(frozen=True)
class GateRule:
    """One rule and what came of it.

    Attributes:
        asked: What the rule wants, as a phrase.
        measured: What was found, as a phrase.
        message: One sentence for people where it failed, else empty.
    """

    name: str
    asked: str
    measured: str
    passed: bool
    message: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True)
class VectorSpread:
    """How vectors of one kind lie.

    Attributes:
        missing: Rows that should have a vector and have none, or one that is not finite.
        mean_cosine: Of two different rows, on average.
        variance: Of the unit vectors, all coordinates together.
        direction: Share of it along its main axis.
    """

    missing: int
    mean_cosine: float
    variance: float
    direction: float


@dataclass(frozen=True)
class GateEvidence:
    """What was measured of one candidate and of what it must beat, on the same window.

    Attributes:
        rivals: Name to what it is worth: what is in service, and the plain methods.
        serving: Which of the rivals is in service; None where nothing is.
        shapes: Label to how the vectors lie.
        serving_age_days: Age of what is in service; None: a plain method, which counts anew with
            every event and does not age.
        can_be_longer: Whether a longer window would hold out more.
    """

    candidate: WindowQuality
    rivals: Mapping[str, WindowQuality]
    serving: str | None = None
    shapes: Mapping[str, VectorSpread] = field(default_factory=dict)
    serving_age_days: float | None = 0.0
    can_be_longer: bool = True


def vector_spread(vectors: Float32Array, wanted: BoolArray) -> VectorSpread:
    """Measure vectors.

    Args:
        vectors: ``(n, d)``.
        wanted: ``(n,)``, true where there has to be a vector.
    """
    finite = np.isfinite(vectors).all(axis=1)
    there = finite & (vectors != 0).any(axis=1)
    kept = vectors[there].astype(np.float64)
    n = len(kept)
    missing = int((wanted & ~there).sum())
    if n < 2:
        return VectorSpread(missing, 0.0, 1.0, 0.0)
    unit = kept / np.linalg.norm(kept, axis=1, keepdims=True)
    total = unit.sum(axis=0)
    # Sum over all pairs of x·y is |sum of x|²; the n pairs of a row with itself are 1 each.
    mean_cosine = float((total @ total - n) / (n * (n - 1)))
    centred = unit - total / n
    spread = np.linalg.eigvalsh(centred.T @ centred / n)
    variance = float(spread.sum())
    direction = float(spread[-1] / variance) if variance > 1e-12 else 1.0
    return VectorSpread(missing, mean_cosine, variance, direction)


def judge(
    evidence: GateEvidence, limits: GateLimits, draw: GeneratorFactory, candidates: int = 1
) -> list[GateRule]:
    """Return every rule that can be checked before anything is published.

    Args:
        evidence: What was measured.
        limits: What is asked.
        draw: Returns a generator that is seeded alike every time: each interval is drawn alike.
        candidates: How many are tried on this window: the more, the wider the intervals.
    """
    confidence = 1.0 - (1.0 - limits.confidence) / max(1, candidates)
    rules = [_enough(evidence, limits)]
    # Who wins over too few users is chance: the rule says only that they are too few.
    rivals = evidence.rivals if rules[0].passed else {}
    for name, rival in rivals.items():
        values = evidence.candidate.values, rival.values
        gap = paired_bootstrap(*values, draw(), confidence=confidence)
        rules.append(_beats(name, gap, evidence, limits))
    if evidence.serving is not None and rivals:
        rules.append(_coverage(evidence.candidate, evidence.rivals[evidence.serving], limits))
    for label, one in evidence.shapes.items():
        rules += vector_rules(label, one, limits)
    return rules


def index_rule(overlap: float, limits: GateLimits) -> GateRule:
    """Return the rule about what the index loses of the model's own lists."""
    passed = overlap >= limits.index_recall
    message = "" if passed else f"The index returns {overlap:.1%} of the model's own top 20."
    return GateRule("index-recall", f">= {limits.index_recall}", f"{overlap:.4f}", passed, message)


def written_rule(missing: int) -> GateRule:
    """Return the rule that every vector of the model is in the graph."""
    message = f"{missing} vectors of the model have no node in the graph." if missing else ""
    return GateRule("vectors-written", "0 missing", str(missing), missing == 0, message)


def wins(
    ours: WindowQuality, theirs: WindowQuality, limits: GateLimits, draw: GeneratorFactory
) -> bool:
    """Tell whether one method beats another outside the noise."""
    gap = paired_bootstrap(ours.values, theirs.values, draw(), confidence=limits.confidence)
    return gap.better


def passed(rules: list[GateRule]) -> bool:
    """Tell whether no rule failed."""
    return all(rule.passed for rule in rules)


def _enough(evidence: GateEvidence, limits: GateLimits) -> GateRule:
    users = len(evidence.candidate.values)
    good = users >= limits.users
    who = "1 user has" if users == 1 else f"{users or 'no'} users have"
    remedy = "Load more events"
    if evidence.can_be_longer:
        remedy += ", or hold out more days (--window)"
    message = (
        ""
        if good
        else f"Too few users to tell ({users}): {who} anything to find in the window, and "
        f"{limits.users} are needed. {remedy}."
    )
    return GateRule("users", f">= {limits.users}", str(users), good, message)


def _beats(name: str, gap: Difference, evidence: GateEvidence, limits: GateLimits) -> GateRule:
    found = f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"
    rule = f"beats {name}"
    old_enough = (
        name == evidence.serving
        and limits.level_after_days is not None
        and evidence.serving_age_days is not None
        and evidence.serving_age_days >= limits.level_after_days
    )
    if old_enough:
        asked, good = f"interval above {-limits.level:+.4f}", gap.low > -limits.level
    else:
        asked, good = "interval above 0", gap.better
    if good:
        return GateRule(rule, asked, found, True)
    how = "loses to" if gap.high < 0 else "is level with"
    message = (
        f"It {how} {name}: ndcg@20 {evidence.candidate.mean:.4f} against "
        f"{evidence.rivals[name].mean:.4f}, a difference of {found} over {gap.users} users."
    )
    return GateRule(rule, asked, found, False, message)


def _coverage(candidate: WindowQuality, in_service: WindowQuality, limits: GateLimits) -> GateRule:
    ours, now = candidate.coverage, in_service.coverage
    good = ours >= limits.coverage * now
    asked = f">= {limits.coverage} of {now:.4f}"
    message = f"Its lists show {ours:.2%} of the catalogue, those in service {now:.2%}."
    return GateRule("coverage", asked, f"{ours:.4f}", good, "" if good else message)


def vector_rules(label: str, one: VectorSpread, limits: GateLimits) -> list[GateRule]:
    """Return the rules about how the vectors of a label lie."""
    kind = label.lower()
    checks = (
        (
            "missing",
            "0",
            str(one.missing),
            one.missing == 0,
            f"{one.missing} {kind}s that the model learned from have no embedding.",
        ),
        (
            "mean-cosine",
            f"<= {limits.mean_cosine}",
            f"{one.mean_cosine:.4f}",
            one.mean_cosine <= limits.mean_cosine,
            f"The {kind} vectors have collapsed: two of them have a cosine of "
            f"{one.mean_cosine:.3f} on average.",
        ),
        (
            "variance",
            f">= {limits.variance}",
            f"{one.variance:.4f}",
            one.variance >= limits.variance,
            f"The {kind} vectors have collapsed: their variance is {one.variance:.4f}.",
        ),
        (
            "direction",
            f"<= {limits.direction}",
            f"{one.direction:.4f}",
            one.direction <= limits.direction,
            f"The {kind} vectors have collapsed: {one.direction:.1%} of their variance is along "
            "one line.",
        ),
    )
    return [
        GateRule(f"{kind}s: {name}", asked, found, good, "" if good else message)
        for name, asked, found, good, message in checks
    ]
