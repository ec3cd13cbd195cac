"""Write into the graph what a generation's ranker needs to serve: what is known, and its trees."""

from engine.data.kind_weights import KindWeights
from engine.data.progress_callbacks import StageProgress
from engine.errors import PublishRefused
from engine.graph import stored_rankers, stored_ranking_knowledge
from engine.graph.known_events import KnownEvents
from engine.ranking.counted_knowledge import knowledge
from engine.ranking.ranker import Ranker
from engine.store.graph_client import GraphClient


def write(
    graph: GraphClient, number: int, ranker: Ranker, kinds: KindWeights, report: StageProgress
) -> None:
    """Write what is known now, and the ranker, for a generation that is not in service yet.

    Raises:
        PublishRefused: Fewer items than the graph has got what is known of them.
    """
    report("counting for the ranker", 0, 1)
    known = KnownEvents.pulled(graph, kinds)
    events = known.events
    found = knowledge(
        events, known.baskets, known.groups(ranker.groups), int(events.at.max(initial=0))
    )
    written = stored_ranking_knowledge.write(
        graph,
        number,
        events.users,
        events.items,
        found,
        lambda done, whole: report("writing for the ranker", done, whole),
    )
    if written < len(events.items) / 2:
        raise PublishRefused(
            f"{written} of {len(events.items)} items are left in the graph",
            hint="was something else writing? publish again: engine publish",
        )
    stored_rankers.write(graph, number, ranker)
