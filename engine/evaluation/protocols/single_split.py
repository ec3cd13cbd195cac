"""Single split: the events are cut in two once, by time, at random or as they say themselves."""

from dataclasses import dataclass
from typing import Any, ClassVar

from engine.data import splits
from engine.data.arrays import Int64Array
from engine.data.interactions import Interactions
from engine.evaluation.protocols.evaluation_task import Draw, EvaluationTask

VALID_OF_TRAIN = 0.125


@dataclass(frozen=True)
class SingleSplit:
    """One part trains, the rest is the test part; the validation part is cut from the first alike.

    Attributes:
        kind: See ``splits.split``.
        fraction: Share of the test part.
    """

    name: ClassVar[str] = "split"
    cutoffs: ClassVar[tuple[int, ...]] = (10, 20)
    by_basket: ClassVar[bool] = False
    kind: splits.SplitKind = "time"
    fraction: float = 0.2

    def settings(self) -> dict[str, Any]:
        """Return what it is called with, as plain values."""
        return {"split": self.kind, "fraction": self.fraction}

    def tasks(
        self, events: Interactions, draw: Draw, baskets: Int64Array | None = None
    ) -> list[EvaluationTask]:
        """Return the only task.

        Raises:
            DataError: The events lack what the split goes by, or one part would be empty.
        """
        del baskets
        parts = splits.split(events, self.kind, draw("split"), self.fraction)

        def validate() -> splits.Split:
            within = splits.within(self.kind)
            return splits.split(parts.earlier, within, draw("valid"), VALID_OF_TRAIN)

        return [EvaluationTask(parts, validate)]

    def notes(self, events: Interactions, baskets: Int64Array | None = None) -> list[str]:
        """Return what a reader has to know of it: nothing that the split does not say itself."""
        del events, baskets
        return []
