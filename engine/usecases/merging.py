"""Make one user of two: somebody who was anonymous logged in."""

from engine.config import Settings
from engine.connections.forgotten import ForgottenIds
from engine.data.id_rule import id_fault
from engine.errors import NotFound, UsageError
from engine.graph import user_merge
from engine.graph.user_merge import MergedUser
from engine.loading.locks import graph_replaced
from engine.usecases.forgetting import LOAD_WAIT_SECONDS, undisturbed

__all__ = ["MergedUser", "merge_users"]


def merge_users(
    settings: Settings, old: str, user: str, *, wait_seconds: float = LOAD_WAIT_SECONDS
) -> MergedUser:
    """Move everything of one user to another; the old id stands for that user from then on.

    Cut off, the same call goes on; made again it changes nothing.

    Args:
        settings: Which graph, which home.
        old: The id that stands for the other from now on; it may be new.
        user: Whose everything is then; created where new.
        wait_seconds: How long to wait for a load that is at work.

    Raises:
        UsageError: They are one user already, the old id stands for another, or an id is none.
        NotFound: One of them is forgotten.
        Busy: A night, a load or a publish is at work.
    """
    for id_ in (old, user):
        if (fault := id_fault(id_)) is not None:
            raise UsageError(f"{id_!r} is no id of a user: {fault}", hint="give it as events do")
    with undisturbed(settings, wait_seconds) as (graph, registry):
        if gone := ForgottenIds(registry, settings.home).among("user", [old, user]):
            raise NotFound(
                f"the user {min(gone)!r} is forgotten: nothing of theirs is written",
                hint=f"to let them come back: engine forget user {min(gone)} --lift",
            )
        current = user_merge.checked(graph, old, user)

        def barrier() -> None:
            with graph_replaced(settings, wait_seconds):
                pass

        return user_merge.merge(graph, old, current, barrier)
