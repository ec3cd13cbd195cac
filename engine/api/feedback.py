"""What users say of items beside buying them."""

from typing import TYPE_CHECKING

from engine.api.engine_session import EngineSession
from engine.data.tabular import Records

if TYPE_CHECKING:
    from engine.usecases.feedback import DislikeEntry, DislikeKind


class Feedback(EngineSession):
    """The part of ``Engine`` that takes feedback."""

    def dislike(
        self, user: str, target: str, *, kind: "DislikeKind" = "dislike", undo: bool = False
    ) -> bool:
        """Note that a user dislikes an item, or all of a fact; no list shows it to them again.

        >>> e.dislike("alice", "green-tea")
        True
        >>> e.dislike("alice", "Brand=x")
        True
        >>> e.dislike("alice", "green-tea", undo=True)
        True

        Args:
            user: Who says so; created where new.
            target: Id of an item, or ``TYPE=ID`` for everything that is joined to that entity.
            kind: ``dislike``, or ``not_interested``: lists treat both alike.
            undo: Take it back.

        Returns:
            Whether that changed anything; the same again does not.

        Raises:
            UsageError: The target cannot be disliked.
            NotFound: There is no such item or entity, or the user is forgotten.
        """
        from engine.usecases.feedback import DislikedTarget, change

        chosen = DislikedTarget.of(target)
        self._hold_graph()
        return change(self.settings, user, chosen, kind, undo=undo)

    def dislikes(self, user: str) -> "Records[DislikeEntry]":
        """Return what a user dislikes, the newest first, at most a hundred."""
        from engine.usecases.feedback import listed

        self._hold_graph()
        return Records(listed(self.settings, user))
