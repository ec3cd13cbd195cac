"""What a check found: one finding a line, each fault with what mends it."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Literal

from engine.data.tabular import Tabular

FindingState = Literal["ok", "warning", "fault"]
FAULTS_FOUND = 13
"""Exit code of ``engine check`` where there is a fault; ``engine.errors`` and ``engine retrain``
have none of this number."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: Of the check.
        state: ``fault``: something does not work, or will not when it is needed; ``warning``: it
            works, and somebody should know.
        subject: What it is about.
        value: What was found.
        remedy: The command that mends it, or what to do; empty where nothing is to be done.
    """

    name: str
    state: FindingState
    subject: str
    value: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.subject}: {self.value}"


def ok(name: str, subject: str, value: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(name, "ok", subject, value)


def warning(name: str, subject: str, value: str, remedy: str = "") -> Finding:
    """Return a finding that somebody should know of."""
    return Finding(name, "warning", subject, value, remedy)


def fault(name: str, subject: str, value: str, remedy: str) -> Finding:
    """Return a finding that has to be mended."""
    return Finding(name, "fault", subject, value, remedy)


@dataclass(frozen=True)
class CheckReport(Tabular):
    """Everything that was looked at.

    Attributes:
        not_checked: Names of the checks for which what they need was away.
    """

    findings: tuple[Finding, ...]
    not_checked: tuple[str, ...] = ()

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What has to be mended."""
        return tuple(one for one in self.findings if one.state == "fault")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What somebody should know of."""
        return tuple(one for one in self.findings if one.state == "warning")

    @property
    def exit_code(self) -> int:
        """0, or ``FAULTS_FOUND``."""
        return FAULTS_FOUND if self.faults else 0

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a dictionary for each finding."""
        return [asdict(one) for one in self.findings]

    def remarks_for_reader(self) -> tuple[str, ...]:
        """Say what could not be looked at."""
        if not self.not_checked:
            return ()
        return (f"Not checked, for what they need is away: {', '.join(self.not_checked)}.",)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        counts = Counter(one.state for one in self.findings)
        return {
            "findings": self.to_dicts(),
            "not_checked": list(self.not_checked),
            "faults": counts["fault"],
            "warnings": counts["warning"],
        }
