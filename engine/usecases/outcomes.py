"""What came of lists: open the graph, ask, close it."""

from engine.answering.outcomes import (
    MOST_EVENTS,
    EventOutcome,
    GroupOutcomes,
    OutcomeReport,
    OutcomeRequest,
)
from engine.answering.outcomes import outcomes as outcomes_of
from engine.answering.what_if import WhatIfReport, WhatIfRequest
from engine.answering.what_if import what_if as what_if_of
from engine.config import Settings
from engine.connections.session import open_graph
from engine.graph.outcome_sums import OutcomeGroup

__all__ = [
    "MOST_EVENTS",
    "EventOutcome",
    "GroupOutcomes",
    "OutcomeGroup",
    "OutcomeReport",
    "OutcomeRequest",
    "WhatIfReport",
    "WhatIfRequest",
    "outcomes",
    "outcomes_of",
    "what_if",
]


def outcomes(settings: Settings, request: OutcomeRequest) -> OutcomeReport:
    """Return what came of the lists that a service remembered."""
    with open_graph(settings) as graph:
        return outcomes_of(graph, request, settings.list_days)


def what_if(settings: Settings, request: WhatIfRequest) -> WhatIfReport:
    """Return what another generation would have converted, from lists that were explored."""
    with open_graph(settings) as graph:
        return what_if_of(graph, request, settings.list_days)
