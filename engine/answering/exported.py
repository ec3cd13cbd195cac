"""What an export wrote."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Exported:
    """What was written."""

    path: str
    users: int
    rows: int
    short_lists: int
    generation: int

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)
