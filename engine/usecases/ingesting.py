"""Bring events, attributes and facts into the graph: files once, a stream as it comes, posts.

``ingest`` is the room's own function: it validates every row before it starts a database, so it
opens the stores itself.
"""

from collections.abc import Callable
from typing import BinaryIO

from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.reading.read_options import ReadOptions
from engine.data.topic_address import TopicAddress
from engine.loading import follow as following
from engine.loading.catalogue_intake import CatalogueIntake, DescriptionResult
from engine.loading.descriptions import Document, Refusal
from engine.loading.event_intake import EventIntake
from engine.loading.event_posts import IntakeResult
from engine.loading.follow_topic import follow_topic
from engine.loading.ingest import ingest_files as ingest
from engine.loading.load import FileReport, IngestRequest

__all__ = [
    "CatalogueIntake",
    "DescriptionResult",
    "Document",
    "EventIntake",
    "FileReport",
    "IngestRequest",
    "IntakeResult",
    "ReadOptions",
    "Refusal",
    "follow",
    "ingest",
]


def follow(
    settings: Settings,
    request: IngestRequest,
    pipe: BinaryIO | TopicAddress | None = None,
    *,
    report: Callable[[FileReport], None] = lambda _report: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> FileReport:
    """Load JSON lines as they come, until the pipe ends or ``should_stop`` says so.

    From a topic of Kafka each message is a line.

    Args:
        settings: Which graph, which home.
        request: Its ``events`` is the file to follow; None: ``pipe``.
        pipe: Where lines come from without a file: a pipe, or a topic.
        report: Called after every batch.
        should_stop: Asked between batches.

    Raises:
        FileRefused: There is no such file.
        NotFound: There is no such topic.
        Unreachable: No broker answers.
    """
    with open_registry(settings) as registry, open_graph(settings) as graph:
        if isinstance(pipe, TopicAddress):
            return follow_topic(
                graph, registry, settings, request, pipe, report=report, should_stop=should_stop
            )
        return following.follow(
            graph, registry, settings, request, pipe, report=report, should_stop=should_stop
        )
