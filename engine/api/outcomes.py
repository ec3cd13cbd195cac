"""Ask what came of lists."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.api.engine_session import EngineSession

if TYPE_CHECKING:
    from engine.usecases.outcomes import OutcomeGroup, OutcomeReport, WhatIfReport


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

    def what_if(
        self,
        target: str,
        *,
        event: str | None = None,
        days: float = 28.0,
        within_days: float = 7.0,
    ) -> "WhatIfReport":
        """Estimate what another generation's lists would have converted, from explored lists.

        Args:
            target: ``generation:13``, ``generation:13:mmr=0.7``, or ``serving`` for what serves
                now, without exploration.
            event: The kind of event that is a conversion; None: the only one that names a list.
            days: Lists of the last so many days.
            within_days: What is done so long after a list counts for it.

        Raises:
            NotFound: There is no such generation, or no explored list that it can be judged by.
            UsageError: The target cannot be asked, or the kind of event must be named.
            TooLittleOverlap: What was shown says too little about the target.
        """
        from engine.usecases.outcomes import WhatIfRequest, what_if

        request = WhatIfRequest(target, event, days, within_days)
        self._hold_graph()
        return what_if(self.settings, request)
