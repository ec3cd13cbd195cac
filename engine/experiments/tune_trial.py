"""What a search keeps of a trial that is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Trial:
    """One trial that is over.

    Attributes:
        settings: What was searched, as ``--set`` takes it.
        metric: On validation; of a trial that was cut short, of its last epoch.
        epochs: Of the best weights, of a finished one.
        state: ``finished``, ``cut short`` or ``impossible``.
        seconds: By the clock.
        reason: Why it was impossible.
    """

    settings: dict[str, str]
    metric: float | None
    epochs: int | None
    state: Literal["finished", "cut short", "impossible"]
    seconds: float
    reason: str = ""


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return values as ``--set`` takes them."""
    return {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else str(value)
