"""Generations: publish a trained model, promote, go back, list them and who did what."""

from pathlib import Path
from typing import Any

from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.pointer_move import PointerMove
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.graph import stored_generations
from engine.publishing import generations
from engine.publishing import publish as publishing
from engine.publishing.generations import Promotion
from engine.publishing.listed_generations import listed_generations
from engine.publishing.published import Published

__all__ = [
    "PointerMove",
    "Promotion",
    "Published",
    "list_generations",
    "list_pointer_moves",
    "listed_generations",
    "promote",
    "publish",
    "rollback",
]


def publish(
    settings: Settings,
    *,
    run_id: int | None = None,
    path: Path | None = None,
    promote: bool = True,
    report: StageProgress = no_stage,
) -> Published:
    """Write a trained model into the graph, check it, and put it into service.

    Args:
        settings: Which graph, which home.
        run_id: A training run; the newest finished one when neither it nor ``path`` is given.
        path: A checkpoint that no run of this registry wrote, or a folder of vectors.
        promote: False leaves it complete and checked, for ``generations.promote``.
        report: Called with a stage, how much of it is done, and how much there is.

    Raises:
        PublishRefused: The index would not serve the model's own ranking. The old one serves on.
        Busy: Another publish is at work on this home.
        NotFound: There is no finished run.
    """
    with (
        generations.one_at_a_time(settings),
        open_registry(settings) as registry,
        open_graph(settings) as graph,
    ):
        return publishing.publish(
            graph, registry, settings, run_id=run_id, path=path, promote=promote, report=report
        )


def list_generations(settings: Settings) -> list[dict[str, Any]]:
    """Return every generation the registry remembers, newest first; the graph says which serves.

    ``listed_generations`` does so of what an open graph holds.
    """
    with open_registry(settings) as registry, open_graph(settings) as graph:
        return listed_generations(stored_generations.generations(graph), registry)


def list_pointer_moves(settings: Settings) -> list[PointerMove]:
    """Return every move of the pointer, newest first, those of graphs that are gone included."""
    with open_registry(settings) as registry, open_graph(settings) as graph:
        return generations.list_pointer_moves(graph, registry)


def promote(settings: Settings, number: int, *, why: str = "", who: str = "") -> Promotion:
    """Put a generation into service; doing it again changes nothing.

    Args:
        settings: Which graph, which registry.
        number: Of the generation.
        why: For the audit.
        who: For the audit, where it is not whoever runs this process.

    Raises:
        NotFound: The graph has no such generation.
        PublishRefused: Its vectors or indexes are not whole.
    """
    reason = generations.reason("promote", why or "engine promote", who)
    with open_registry(settings) as registry, open_graph(settings) as graph:
        return generations.move_pointer(graph, registry, number, reason)


def rollback(
    settings: Settings, *, to: int | None = None, why: str = "", who: str = ""
) -> Promotion:
    """Go back to the generation that was in service before, or to a given one.

    ``why`` and ``who`` are as in ``promote``.

    Raises:
        NotFound: Nothing is in service, or there is nothing to go back to.
        PublishRefused: The vectors or indexes of that generation are not whole.
    """
    reason = generations.reason("rollback", why or "engine rollback", who)
    with open_registry(settings) as registry, open_graph(settings) as graph:
        return generations.roll_back(graph, registry, to, reason)
