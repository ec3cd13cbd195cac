"""What an experiment is: its variants, whom they are for, and by what they are judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from engine.data.online_trial import OnlineTrial

BUCKETS = 10_000
"""Parts that a layer divides its users into; an experiment owns some of them."""
DEFAULT_LAYER = "recommendations"
"""The layer that the list ``for-you`` is asked in; whoever shows other lists names another."""
VariantKind = Literal["generation", "serving", "list", "holdout", "interleaved"]
INTERLEAVED = "interleaved"
"""Name of what every user of an interleaved experiment gets."""


@dataclass(frozen=True)
class Variant:
    """One of the things that are compared.

    Attributes:
        share: Of the experiment's users, in per cent.
        kind: ``generation``: the list of a generation, whichever serves; ``serving``: that of the
            generation in service; ``list``: a named list; ``holdout``: the popular items, nothing
            personal; ``interleaved``: both variants of the experiment, as one list.
        generation: Of a variant of that kind.
        list: Name of the list, of a variant of that kind.
        options: Of the list, as ``engine lists`` has them.
    """

    name: str
    share: float
    kind: VariantKind
    generation: int | None = None
    list: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        what = {"generation": f"generation:{self.generation}", "list": f"list:{self.list}"}
        said = [what.get(self.kind, self.kind), *(f"{k}={v}" for k, v in self.options.items())]
        return f"{self.name}={':'.join(said)}"


@dataclass(frozen=True)
class ShownVariant:
    """Which variant a list is of.

    Attributes:
        experiment, variant: Names.
        failed: The variant could not be made, and the control's list stands in for it.
    """

    experiment: str
    variant: str
    failed: bool = False

    def __str__(self) -> str:
        return f"{self.experiment}/{self.variant}{'/failed' if self.failed else ''}"


@dataclass(frozen=True)
class Experiment:
    """An experiment as the registry keeps it.

    Attributes:
        name: As it was given.
        metric: By what it is judged: ``engine.ab_tests.ratio_metric.METRICS``.
        layer: Whose users it divides.
        first_bucket, end_bucket: Which of them are in it.
        variants: The first is the control.
        days: The horizon that was fixed when it started; None: it may be looked at and stopped at
            any time.
        looks: How often its report was made while it ran.
        winner: Of the variants, when it was stopped with one.
        who: Who started it.
        secret: Key of the layer's hash; no report shows it.
        trial: By what the candidate of a night is judged; None: a person started it.
        stop_reason: Why it ended, where the engine ended it.
        interleaved: Every user gets both variants, as one list.
    """

    id: int
    name: str
    metric: str
    layer: str
    first_bucket: int
    end_bucket: int
    variants: tuple[Variant, ...]
    days: int | None
    started_at: datetime
    who: str
    looks: int = 0
    stopped_at: datetime | None = None
    stopped_by: str | None = None
    winner: str | None = None
    secret: bytes = field(default=b"", repr=False, compare=False)
    trial: OnlineTrial | None = None
    stop_reason: str | None = None
    interleaved: bool = False

    @property
    def control(self) -> Variant:
        """What the others are compared with."""
        return self.variants[0]

    @property
    def ends_at(self) -> datetime | None:
        """When its horizon is over; None: none was fixed."""
        return None if self.days is None else self.started_at + timedelta(days=self.days)

    @property
    def traffic(self) -> float:
        """Share of the layer's users that are in it, in per cent."""
        return 100.0 * (self.end_bucket - self.first_bucket) / BUCKETS

    def variant(self, name: str) -> Variant | None:
        """Return the variant of a name, or None."""
        return next((one for one in self.variants if one.name == name), None)
