"""Material: everything that a model may learn from, as arrays."""

from dataclasses import dataclass, replace

from engine.data.arrays import Int64Array
from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.item_impressions import ItemImpressions
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
        unwanted: What users dislike, or None where nobody does; what they were shown and never took
            comes to it by ``with_untaken``.
        shown: What users were shown, or None where nobody asked.
    """

    events: Interactions
    knowledge: Knowledge | None = None
    features: NodeFeatures | None = None
    baskets: Int64Array | None = None
    unwanted: NegativeFeedback | None = None
    shown: ItemImpressions | None = None

    def of(self, events: Interactions) -> "TrainingData":
        """Return the same with other events, such as those of one part of a split.

        What was disliked after the last of them is not known yet, and no event on a disliked item
        is one that its user's liking could be learned from.
        """
        if self.unwanted is None:
            return replace(self, events=events, baskets=None)
        known = self.unwanted.known_with(events, int(self.events.at.max(initial=0)))
        liked = known.left_out_of(events)
        return replace(self, events=liked, baskets=None, unwanted=known)

    def with_untaken(self, known: Interactions, weight: float) -> "TrainingData":
        """Return the same with what was shown and never taken beside what is disliked.

        Args:
            known: Every event that is known, also those that are not learned from.
            weight: Of it, against that of a dislike; 0: nothing comes to it.
        """
        if self.shown is None or not weight:
            return self
        untaken = self.shown.untaken(known).times(weight)
        unwanted = untaken if self.unwanted is None else self.unwanted.joined(untaken)
        return replace(self, unwanted=unwanted)
