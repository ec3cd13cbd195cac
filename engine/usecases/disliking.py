"""What users say of items beside buying them: what they dislike."""

from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.dislikes import DislikedTarget, DislikeKind
from engine.graph import stored_dislikes
from engine.graph.stored_dislikes import DislikeEntry
from engine.loading.dislike_intake import DislikeIntake

__all__ = ["DislikeEntry", "DislikeIntake", "DislikeKind", "DislikedTarget", "change", "listed"]


def change(
    settings: Settings,
    user: str,
    target: DislikedTarget,
    event: DislikeKind = "dislike",
    *,
    undo: bool = False,
) -> bool:
    """Note that a user dislikes something, or take it back; return whether that changed anything.

    Args:
        settings: Which graph, which home.
        user: Who says so.
        target: An item, or everything that is joined to an entity.
        event: The kind of event it is kept as.
        undo: Take it back.

    Raises:
        NotFound: There is no such item or entity, or the user is forgotten.
        Busy: A first load is being imported offline.
    """
    with open_registry(settings) as registry, open_graph(settings) as graph:
        intake = DislikeIntake(settings, registry)
        if undo:
            return intake.take_back(lambda work: work(graph), user, target)
        return intake.add(lambda work: work(graph), user, target, event)


def listed(settings: Settings, user: str) -> list[DislikeEntry]:
    """Return what a user dislikes, the newest first, at most a hundred."""
    with open_graph(settings) as graph:
        return stored_dislikes.of_user(graph, user)
