"""The certificate of a removal: what was removed where, by tombstones and never by ids."""

from dataclasses import asdict, dataclass, field
from typing import Any

from engine.data.tombstone import ForgettableKind


@dataclass(frozen=True)
class RemovedThing:
    """Something that was removed or changed in one place.

    Attributes:
        where: ``graph``, ``registry``, or a path under ENGINE_HOME.
        what: Such as ``events`` or ``rows``.
        count: How many.
    """

    where: str
    what: str
    count: int


@dataclass
class ForgetCertificate:
    """What a call removed.

    Attributes:
        kind: ``user`` or ``item``.
        at: When, ISO 8601, UTC.
        tombstones: Of those who are forgotten by now: keyed hashes of their ids, in no order of
            the request.
        forgotten: How many this call forgot, or carried on forgetting.
        already: How many had been forgotten before.
        unknown: Of how many there was nothing anywhere: they get no tombstone.
        removed: What was removed where, by this call.
        left: What is not the engine's to remove, or goes by itself later, in words.
        waiting: Files that wait to be loaded and name some of them, and how many lines do.
        file: Where the certificate is kept, under ENGINE_HOME; None where nothing was done.
    """

    kind: ForgettableKind
    at: str
    tombstones: list[str] = field(default_factory=list)
    forgotten: int = 0
    already: int = 0
    unknown: int = 0
    removed: list[RemovedThing] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)
    file: str | None = None

    def add(self, where: str, what: str, count: int) -> None:
        """Note what was removed; nothing is not noted."""
        if count:
            self.removed.append(RemovedThing(where, what, count))

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)
