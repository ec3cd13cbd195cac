"""Event batches: every event once an epoch, those of one stretch of time together."""

import numpy as np

from engine.data.interactions import Interactions
from engine.data.temporal_adjacency import between_moments
from engine.errors import DataError
from engine.models.tensors import tensor
from engine.models.tgat import EventBatch
from engine.training import negatives, seed
from engine.training.batches import Sampling, decayed


class EventBatches:
    """Stretches of events in order of time, cut anew and in a new order every epoch.

    Events of one moment come in a new order too, so a cut may go through them; the items of a batch
    are compared as they stood before its first event.

    Args:
        train: Events with times.
        sampling: How batches are drawn.
        in_order: Whether stretches come in the order of time, and none begins within a moment.

    Raises:
        DataError: There is no event.
    """

    def __init__(self, train: Interactions, sampling: Sampling, *, in_order: bool = False) -> None:
        if not len(train):
            raise DataError("there are no events to learn from", hint="load events first")
        self._train, self._sampling, self._in_order = train, sampling, in_order
        self._begins = np.unique(np.sort(train.at), return_index=True)[1]
        self._present = np.flatnonzero(train.item_counts() > 0)
        self._weights = None
        if sampling.half_life_days > 0:
            newest = int(train.at.max())
            self._weights = tensor(decayed(train.at, newest, sampling.half_life_days))
        self._epoch = -1

    @property
    def steps(self) -> int:
        """Batches per epoch."""
        steps = -(-len(self._train) // self._sampling.size)
        return min(steps, len(self._begins)) if self._in_order else steps

    def batch(self, epoch: int, step: int) -> EventBatch:
        """Return one batch; the first and the last stretch are half to one and a half as long.

        In order a stretch goes on to the end of a moment, however many events that has.
        """
        if epoch != self._epoch:
            self._begin(epoch)
        train, sampling = self._train, self._sampling
        number = self._numbers[step]
        begin, end = self._cuts[number : number + 2]
        chosen = np.sort(self._order[begin:end])  # events are in order of user and time
        positives = tensor(train.item[chosen].astype(np.int64))
        draw = seed.generator(sampling.seed, "negatives", epoch, step)
        return EventBatch(
            users=train.user[chosen].astype(np.int64),
            at=train.at[chosen],
            positives=positives,
            negatives=negatives.draw(
                sampling.negatives, self._present, sampling.count, positives, draw
            ),
            before=int(train.at[chosen].min()),
            weights=None if self._weights is None else self._weights[tensor(chosen)],
            draw=int(seed.generator(sampling.seed, "model", epoch, step).integers(2**62)),
            begins=self._in_order and step == 0,
        )

    def _begin(self, epoch: int) -> None:
        """Draw an epoch's order of one moment's events, where stretches begin, and their order."""
        generator = seed.generator(self._sampling.seed, "stretches", epoch)
        n, steps = len(self._train), self.steps
        self._order = np.lexsort((generator.random(n), self._train.at))
        half = n // steps // 2
        self._cuts = np.arange(steps + 1) * n // steps
        self._cuts[1:-1] += generator.integers(-half, half + 1)
        self._numbers = np.arange(steps) if self._in_order else generator.permutation(steps)
        if self._in_order:
            self._cuts[1:-1] = between_moments(self._begins, self._cuts[1:-1])
        self._epoch = epoch
