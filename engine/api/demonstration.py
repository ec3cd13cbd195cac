"""Run the demonstration: the whole path on real shopping data."""

from typing import TYPE_CHECKING

from engine.api.engine_session import EngineSession
from engine.optional_dependencies import needs

if TYPE_CHECKING:
    from engine.usecases.demonstration import DemoReport

_STAGES = {
    "start": "Start Neo4j",
    "load": "Load a year of shopping",
    "between": "Prepare and judge",
    "search": "Train, with validation",
    "test": "Train, for the test",
    "final": "Train on everything",
    "rank": "Train the ranker",
    "publish": "Publish",
    "lists": "Recommend",
}
_UNITS = {
    "load": "rows",
    "search": "steps",
    "test": "steps",
    "final": "steps",
    "lists": "lists",
}


class Demonstration(EngineSession):
    """The part of ``Engine`` that shows a newcomer what it does."""

    @needs("train")
    def demo(self, *, epochs: int = 2, households: int | None = None) -> "DemoReport":
        """Load the demonstration data, train, judge, publish and recommend.

        It needs an empty graph, or that of an earlier one. Interrupted, the same call goes on.

        Args:
            epochs: Most passes over the data.
            households: How many of the 300 households; None: all.

        Raises:
            UsageError: The graph holds other data.
            KeyboardInterrupt: The user stopped it.
        """
        from engine.usecases.demonstration import demo

        with self._reporting(keep_bars=True) as progress:
            current, last = "start", 1
            progress.update(_STAGES[current])

            def report(stage: str, done: int, total: int, detail: str) -> None:
                nonlocal current, last
                if stage != current:
                    # Training that stops early leaves its bar short of its end.
                    progress.update(_STAGES[current], last, last)
                current, last = stage, total or 1
                unit = _UNITS.get(stage, "")
                progress.update(_STAGES[stage], done, total, unit=unit, detail=detail)

            found = demo(self.settings, epochs=epochs, households=households, report=report)
            progress.update(_STAGES[current], last, last)
        return found
