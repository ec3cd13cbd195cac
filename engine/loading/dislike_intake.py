"""Take what users say they dislike, one thing at a time; a file says it by its kind of event."""

from collections.abc import Callable

from engine.config import Settings
from engine.connections.forgotten import ForgottenIds
from engine.data.dislikes import DislikedTarget, DislikeKind
from engine.errors import NotFound
from engine.graph import stored_dislikes
from engine.loading.locks import graph_not_replaced
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

_IMPORT_WAIT_SECONDS = 0.5


class DislikeIntake:
    """Notes dislikes and takes them back; each call is one transaction.

    Args:
        settings: Which home.
        registry: Who is forgotten.
    """

    def __init__(self, settings: Settings, registry: Registry) -> None:
        self._settings, self._registry = settings, registry

    def add(
        self,
        ask: Callable[[Callable[[GraphClient], bool]], bool],
        user: str,
        target: DislikedTarget,
        event: DislikeKind = "dislike",
    ) -> bool:
        """Note that a user dislikes something; again, it changes nothing.

        Args:
            ask: Runs work on the graph, or raises where no server answers.
            user: Who says so; created where new.
            target: An item, or everything that is joined to an entity.
            event: The kind of event it is kept as.

        Returns:
            Whether it is new.

        Raises:
            NotFound: There is no such item or entity, or the user is forgotten.
            Busy: A first load is being imported offline.
        """
        with graph_not_replaced(self._settings, _IMPORT_WAIT_SECONDS):
            # The lock that is held keeps anybody from being forgotten meanwhile.
            forgotten = ForgottenIds(self._registry, self._settings.home)
            if forgotten.among("user", [user]):
                raise NotFound(
                    f"the user {user!r} is forgotten: nothing of theirs is written",
                    hint=f"to let them come back: engine forget user {user} --lift",
                )
            return ask(lambda graph: stored_dislikes.add(graph, user, target, event))

    def take_back(
        self,
        ask: Callable[[Callable[[GraphClient], bool]], bool],
        user: str,
        target: DislikedTarget,
    ) -> bool:
        """Undo a dislike and return whether it was there.

        Raises:
            Busy: A first load is being imported offline.
        """
        with graph_not_replaced(self._settings, _IMPORT_WAIT_SECONDS):
            return ask(lambda graph: stored_dislikes.take_back(graph, user, target))
