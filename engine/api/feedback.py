"""What users say of items beside buying them, and users who are one."""

from typing import TYPE_CHECKING

from engine.api.engine_session import EngineSession
from engine.data.tabular import Records

if TYPE_CHECKING:
    from engine.usecases.disliking import DislikeEntry, DislikeKind
    from engine.usecases.merging import MergedUser


class Feedback(EngineSession):
    """The part of ``Engine`` that takes feedback and merges users."""

    def dislike(
        self, user: str, target: str, *, kind: "DislikeKind" = "dislike", undo: bool = False
    ) -> bool:
        """Note that a user dislikes an item, or all of a fact; no list shows it to them again.

        >>> e.dislike("alice", "green-tea")
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
        from engine.usecases.disliking import DislikedTarget, change

        chosen = DislikedTarget.of(target)
        self._hold_graph()
        return change(self.settings, user, chosen, kind, undo=undo)

    def dislikes(self, user: str) -> "Records[DislikeEntry]":
        """Return what a user dislikes, the newest first, at most a hundred."""
        from engine.usecases.disliking import listed

        self._hold_graph()
        return Records(listed(self.settings, user))

    def merge_users(self, old: str, user: str) -> "MergedUser":
        """Make one user of two; the old id stands for the other one from then on.

        Events, dislikes, lists that were shown, and facts move exactly once: cut off, the same call
        goes on, and made again it changes nothing. What only the old one said of themselves stays.

        Args:
            old: Such as the id of a visitor who logged in.
            user: Whose everything is then; created where new.

        Raises:
            UsageError: They are one user already, or the old id stands for somebody else.
            NotFound: One of them is forgotten.
            Busy: A night, a load or a publish is at work.
        """
        from engine.usecases.merging import merge_users

        self._hold_graph()
        return merge_users(self.settings, old, user)
