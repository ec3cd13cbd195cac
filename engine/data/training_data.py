"""Material: everything that a model may learn from, as arrays."""

from dataclasses import dataclass, replace

from engine.data.arrays import Int64Array
from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.negative_feedback import NegativeFeedback


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Events, and what was pulled beside them because the model asked for it.

    Attributes:
        events: Who did what.
        knowledge: The facts, or None.
        features: Numbers of users and items, or None.
        baskets: ``(n_events,)``, the number of the basket that an event names, which counts within
            a user, -1 for none; None where nobody asked.
        dislikes: What users dislike, or None where nobody does.
    """

    events: Interactions
    knowledge: Knowledge | None = None
    features: NodeFeatures | None = None
    baskets: Int64Array | None = None
    dislikes: NegativeFeedback | None = None

    def of(self, events: Interactions) -> "TrainingData":
        """Return the same with other events, such as those of one part of a split.

        What was disliked after the last of them is not known yet, and no event on a disliked item
        is one that its user's liking could be learned from.
        """
        if self.dislikes is None:
            return replace(self, events=events, baskets=None)
        known = self.dislikes.known_with(events, int(self.events.at.max(initial=0)))
        liked = known.left_out_of(events)
        return replace(self, events=liked, baskets=None, dislikes=known)
