"""What came of lists: open the graph, ask, close it."""

from engine.answering.outcomes import (
    MOST_EVENTS,
    EventOutcome,
    GroupOutcomes,
    OutcomeReport,
    OutcomeRequest,
)
from engine.answering.outcomes import outcomes as outcomes_of
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
    "outcomes",
    "outcomes_of",
]


def outcomes(settings: Settings, request: OutcomeRequest) -> OutcomeReport:
    """Return what came of the lists that a service remembered."""
    with open_graph(settings) as graph:
        return outcomes_of(graph, request, settings.list_days)
