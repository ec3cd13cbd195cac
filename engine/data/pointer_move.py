"""A move of the serving pointer: the line that the audit keeps of it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PointerMove:
    """One move of the serving pointer.

    Attributes:
        token: Drawn for this move, and unique.
        ordinal: Its place among the moves of that graph.
        kind: ``publish``, ``promote``, ``rollback`` or ``retrain``.
        from_number: The generation before, None where there was none.
        who: User and machine.
    """

    token: str
    ordinal: int
    at: datetime
    kind: str
    from_number: int | None
    to_number: int
    who: str
    why: str
