"""Ask what came of lists."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.api.engine_session import EngineSession

if TYPE_CHECKING:
    from engine.usecases.outcomes import OutcomeGroup, OutcomeReport


class Outcomes(EngineSession):
    """The part of ``Engine`` that says what came of lists."""

    def outcomes(
        self,
        *,
        by: "OutcomeGroup" = "all",
        events: Sequence[str] = (),
        days: float = 28.0,
        within_days: float = 7.0,
        rule: bool = False,
    ) -> "OutcomeReport":
        """Say what came of the lists that a service remembered: rates with intervals by users.

        >>> e.outcomes(by="day", events=["buy"]).to_dicts()
        []

        Args:
            by: What the lists are grouped by: ``all``, ``generation``, ``variant``, ``list``,
                ``position`` or ``day`` (UTC).
            events: Kinds of event; none: those that name a list.
            days: Lists of the last so many days.
            within_days: What is done so long after a list counts for it.
            rule: Whether an event that names no list counts for the newest list of its user from
                before it that has its item; it is told apart.

        Raises:
            UsageError: A value is out of range.
        """
        from engine.usecases.outcomes import OutcomeRequest, outcomes

        request = OutcomeRequest(by, tuple(events), days, within_days, rule)
        self._hold_graph()
        return outcomes(self.settings, request)
