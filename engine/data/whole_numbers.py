"""Whole numbers: the largest that the graph, a registry and NumPy hold, and bounds of a caller."""

from engine.errors import UsageError

LARGEST = 2**63 - 1


def check_whole(name: str, value: object, low: int, most: int, hint: str = "") -> None:
    """Refuse what is no whole number from ``low`` to ``most``.

    Raises:
        UsageError: Names it and what it is.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= most:
        raise UsageError(
            f"{name} must be a whole number from {low} to {most}, not {value!r}", hint=hint
        )
