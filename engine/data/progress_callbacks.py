"""Progress: what long work calls with how far it is."""

from collections.abc import Callable

CountProgress = Callable[[int, int], None]
"""Called with (done, total), in the units of the function that takes it; 0 where the total is not
known."""

StageProgress = Callable[[str, int, int], None]
"""Called with (stage, done, total); the total is 0 where it is not known."""


def no_count(_done: int, _total: int) -> None:
    """Show nothing of a count."""


def no_stage(_stage: str, _done: int, _total: int) -> None:
    """Show nothing of a stage."""
