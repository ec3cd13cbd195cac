"""Decision: what serves next, once every rule has been looked at.

A candidate that passed; a plain method where it is best of all and beats what serves; otherwise
what serves goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.evaluation import gate
from engine.evaluation.gate import GateLimits, GeneratorFactory
from engine.evaluation.hold_out_window import WindowQuality

_UNTOLD = "popular"
"""Serves where nothing does and too few users can be asked which plain method is best."""
Serve = Literal["candidate", "plain", "keep"]


@dataclass(frozen=True)
class JudgedMethods:
    """All that was judged on one window.

    Attributes:
        candidates: Name to what it is worth.
        passed: Names of the candidates that broke no rule.
        plain: The plain methods that can be served.
        serving: What is in service; a plain method has the name it has in ``plain``. None: nothing.
        unjudged: Whether something is in service that could not be judged: it stays.
    """

    candidates: Mapping[str, WindowQuality]
    passed: frozenset[str]
    plain: Mapping[str, WindowQuality]
    serving: tuple[str, WindowQuality] | None = None
    unjudged: bool = False


@dataclass(frozen=True)
class Decision:
    """What serves next.

    Attributes:
        name: Of the candidate, or of the plain method; empty for ``keep``.
        message: One sentence.
    """

    serve: Serve
    name: str
    message: str


def decide(contest: JudgedMethods, limits: GateLimits, draw: GeneratorFactory) -> Decision:
    """Return what serves next."""
    if contest.unjudged:
        return Decision("keep", "", "What is in service cannot be judged, so it stays.")
    if contest.passed:
        best = max(sorted(contest.passed), key=lambda name: contest.candidates[name].mean)
        message = f"{best} passed with ndcg@20 {contest.candidates[best].mean:.4f}."
        return Decision("candidate", best, message)
    name, plain = max(sorted(contest.plain.items()), key=lambda one: one[1].mean)
    users = len(plain.values)
    if contest.serving is None and users < limits.users:
        message = f"Too few users to tell ({users}), and nothing is in service: {_UNTOLD} serves."
        return Decision("plain", _UNTOLD, message)
    if contest.serving is None:
        message = f"No candidate passed and nothing is in service: {name} serves."
        return Decision("plain", name, message)
    before, now = contest.serving
    others = [one.mean for one in (*contest.candidates.values(), now)]
    ahead = users >= limits.users and plain.mean >= max(others)
    if name != before and ahead and gate.wins(plain, now, limits, draw):
        message = (
            f"{name} predicts best of all: {plain.mean:.4f} against {now.mean:.4f} of {before}."
        )
        return Decision("plain", name, message)
    return Decision("keep", "", f"No candidate passed: {before} serves on.")
