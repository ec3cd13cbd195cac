"""Sequence batches: every event of a user but the first is what comes next, once an epoch."""

import numpy as np

from engine.data import sequences
from engine.data.arrays import Int64Array
from engine.data.interactions import Interactions
from engine.data.sequences import Sequences
from engine.errors import DataError
from engine.models.sasrec import SASRecConfig, SequenceBatch
from engine.models.tensors import tensor
from engine.training import negatives, seed
from engine.training.batches import Sampling, decayed
from engine.training.own_negatives import OwnNegativeSampler


class SequenceBatches:
    """Sequences in a new order every epoch, cut anew into parts of at most ``length`` events.

    Events of one moment come in a new order too: they have none. A batch holds as many parts as
    make ``size`` pairs of an event and the next one on average.

    Args:
        train: Events with times.
        config: Of the model: how long a part is, what comes next.
        sampling: How batches are drawn.

    Raises:
        DataError: An event has no time, or nobody had two items.
    """

    def __init__(self, train: Interactions, config: SASRecConfig, sampling: Sampling) -> None:
        self._train, self._config, self._sampling = train, config, sampling
        self._order = sequences.order(train)
        events = np.bincount(train.user, minlength=train.n_users).astype(np.int64)
        self._starts = np.cumsum(events) - events
        self._targets = np.maximum(events - 1, 0)
        if config.target == "moment":
            self._targets = events - _last_moments(train)
        self._parts = -(-self._targets // config.length)
        if not self._parts.any():
            raise DataError("no user had two items", hint="load more events first")
        per_part = self._targets.sum() / self._parts.sum()
        self._size = max(1, round(sampling.size / per_part))
        self._present = np.flatnonzero(train.item_counts() > 0)
        self._own = OwnNegativeSampler(sampling.unwanted, train, sampling.seed)
        self._epoch = -1

    @property
    def steps(self) -> int:
        """Batches per epoch."""
        steps: int = -(-int(self._parts.sum()) // self._size)
        return steps

    def batch(self, epoch: int, step: int) -> SequenceBatch:
        """Return one batch; the last of an epoch may be smaller."""
        if epoch != self._epoch:
            self._begin(epoch)
        chosen = slice(step * self._size, (step + 1) * self._size)
        first, counts = self._first[chosen], self._counts[chosen]
        inputs = Sequences.taken(self._items, self._at, first, counts)
        row, place = np.nonzero(inputs.inside)
        event = first[row] + place
        after = self._next[event]
        positives = tensor(self._items[after])
        weights = None
        if self._sampling.half_life_days > 0:
            at = self._at[after]
            weights = tensor(decayed(at, int(self._at.max()), self._sampling.half_life_days))
        draw = seed.generator(self._sampling.seed, "negatives", epoch, step)
        return SequenceBatch(
            sequences=inputs,
            places=tensor(row * inputs.items.shape[1] + place),
            positives=positives,
            negatives=negatives.draw(
                self._sampling.negatives, self._present, self._sampling.count, positives, draw
            ),
            weights=weights,
            draw=int(seed.generator(self._sampling.seed, "model", epoch, step).integers(2**62)),
            own_negatives=self._own.draw(self._users[event], epoch, step),
        )

    def _begin(self, epoch: int) -> None:
        """Draw an epoch's order of events, what comes next, parts and order of parts."""
        generator = seed.generator(self._sampling.seed, "sequences", epoch)
        train, length = self._train, self._config.length
        order = sequences.order(train, generator.random(len(train)))
        self._items, self._at = train.item[order].astype(np.int64), train.at[order]
        self._users = train.user[order].astype(np.int64)
        self._next = np.arange(1, len(train) + 1)
        if self._config.target == "moment":
            self._next = one_of_next_moment(self._users, self._at, generator)
        user = np.repeat(np.arange(train.n_users), self._parts)
        number = np.arange(len(user)) - (np.cumsum(self._parts) - self._parts)[user]
        # The first part begins up to as much before the first event as the last one has room.
        room = self._parts * length - self._targets
        before = generator.integers(0, room + 1)[user]
        begin = np.maximum(number * length - before, 0)
        end = np.minimum((number + 1) * length - before, self._targets[user])
        kept = generator.permutation(len(user))
        self._first, self._counts = (self._starts[user] + begin)[kept], (end - begin)[kept]
        self._epoch = epoch


def one_of_next_moment(
    user: Int64Array, at: Int64Array, generator: np.random.Generator
) -> Int64Array:
    """Return the place of an event of the user's next moment, drawn for each event.

    What it is for events of a user's last moment means nothing.

    Args:
        user: ``(n,)`` of events in order.
        at: ``(n,)`` of events in order.
        generator: Draws them.
    """
    new = np.append(True, (user[1:] != user[:-1]) | (at[1:] != at[:-1]))
    starts = np.append(np.flatnonzero(new), [len(user), len(user) + 1])
    following = np.cumsum(new)
    low, high = starts[following], starts[following + 1]
    drawn: Int64Array = low + (generator.random(len(user)) * (high - low)).astype(np.int64)
    return drawn


def _last_moments(train: Interactions) -> Int64Array:
    """Return how many events each user's last moment has."""
    last = np.zeros(train.n_users, dtype=np.int64)
    np.maximum.at(last, train.user, train.at)
    here = train.user[train.at == last[train.user]]
    return np.bincount(here, minlength=train.n_users).astype(np.int64)
