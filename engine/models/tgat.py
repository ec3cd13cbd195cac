"""TGAT (Xu et al. 2020): users and items at a time t, by attention over those they met before it.

h_v(t) of one layer is ``TemporalAttention`` of what the layer below says of v at t and of the
newest neighbours u of v, each as it was at the time t' < t of their event; the lowest layer is a
learned vector per node (the paper has features there). A user at the moment of an event is compared
with items as they stood before the batch began, by sampled softmax. ``encode`` gives items as they
stand after the newest event of all, and users after the newest of their own. Computing a vector at
t reads no event at t or later; weights and lowest vectors are learned from all events of training.

With ``memory`` the lowest layer adds what a node keeps of its events (TGN: Rossi et al. 2020), as
of the beginning of the batch; batches have to come in the order of time then.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.arrays import Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.data.temporal_adjacency import TemporalAdjacency, stretches
from engine.models.causal_attention import NOTHING_DROPPED, Dropping, check_heads
from engine.models.collaborative import (
    VectorConfig,
    equal_cells,
    first_vectors,
    has_events,
    squared_length,
)
from engine.models.encoder import Embeddings, Loss, PairComparison
from engine.models.node_memory import NodeMemory
from engine.models.temporal_attention import Meetings, TemporalAttention, TimeEncoding
from engine.models.tensors import array, tensor

_AT_ONCE = 2_048


@dataclass(frozen=True)
class TGATConfig(VectorConfig):
    """Settings of TGAT."""

    layers: int = option(2, "layers of attention", low=1, high=3, tune=Span(1, 2))
    heads: int = option(2, "heads of attention", low=1, high=16, tune=(1, 2, 4))
    neighbours: int = option(20, "newest events of a node that it attends to", low=1, high=1_000)
    beyond: int = option(
        5, "newest events that each of those attends to in turn", low=1, high=1_000
    )
    times: int = option(16, "numbers that say how long ago an event was", low=1, high=1_024)
    dropout: float = option(0.1, "share of cells dropped", low=0, high=0.99, tune=Span(0.0, 0.5))
    users_at: str = option(
        "own",
        "moment of users' vectors: the usual gap between a user's events after the newest event of "
        "all, or after the newest of their own",
        choices=("newest", "own"),
    )
    memory: int = option(
        0, "numbers that a node keeps of its events, written in order; 0: none", low=0, high=1_024
    )

    def __post_init__(self) -> None:
        """Refuse heads that do not share the dimension evenly.

        Raises:
            UsageError: They do not.
        """
        check_heads(self.heads, self.dimension)


@dataclass(frozen=True)
class EventBatch:
    """Events of one stretch of time, and items that did not happen.

    Attributes:
        users: ``(b,) int64`` rows, in order of user and time.
        at: ``(b,) int64`` epoch milliseconds, none earlier than ``before``.
        positives: ``(b,) int64`` rows of the items of those events.
        negatives: ``(m,) int64`` rows of items that the batch shares.
        before: Epoch milliseconds: items are compared as they stood before it.
        weights: ``(b,)`` weight of each event in the loss, or None when all weigh 1.
        draw: Seed of dropout.
        begins: Whether no event of the epoch came before these.
    """

    users: Int64Array
    at: Int64Array
    positives: torch.Tensor
    negatives: torch.Tensor
    before: int
    weights: torch.Tensor | None = None
    draw: int = 0
    begins: bool = False


class TGAT:
    """First vectors of users and items, and layers of temporal attention.

    Args:
        train: Events with times.
        config: Settings.
        generator: Draws the first vectors and weights.

    Raises:
        DataError: An event has no time.
    """

    def __init__(
        self, train: Interactions, config: TGATConfig, generator: np.random.Generator
    ) -> None:
        self.config, self.n_users = config, train.n_users
        self._met = TemporalAdjacency(train)
        self._known = torch.cat(
            (has_events(train.user, train.n_users), has_events(train.item, train.n_items))
        )
        gap = usual_gap(train, self._met)
        self._moments = np.full(self._met.n_nodes, self._met.newest_at + gap)
        if config.users_at == "own":
            newest = np.zeros(train.n_users, dtype=np.int64)
            np.maximum.at(newest, train.user, train.at)
            self._moments[: train.n_users] = newest + gap
        self._first = first_vectors(train, config, generator).requires_grad_()
        self._times = TimeEncoding.first(config.times)
        self._layers = [
            TemporalAttention.drawn(config.dimension, config.times, config.heads, generator)
            for _ in range(config.layers)
        ]
        self._memory = None
        if config.memory:
            order = np.argsort(train.at, kind="stable")
            ends = train.user.astype(np.int64), train.item.astype(np.int64) + train.n_users
            self._events = ends[0][order], ends[1][order], train.at[order]
            since = int(train.at.min(initial=self._met.newest_at))
            sizes = self._met.n_nodes, config.memory, config.dimension
            self._memory = NodeMemory(*sizes, times=self._times, since=since, generator=generator)

    def fit_step(self, batch: EventBatch, loss: Loss) -> torch.Tensor:
        """Return the loss of a batch plus l2 on the first vectors of its users and items.

        Memory, where there is one, takes the events of the batch afterwards.
        """
        if self._memory and batch.begins:
            self._memory.forget()
        draw = torch.Generator(device="cpu").manual_seed(batch.draw)
        dropping = Dropping(self.config.dropout, draw)
        _, first, owner = np.unique(
            self._met.keys(batch.users, batch.at), return_index=True, return_inverse=True
        )
        users = self.at_times(batch.users[first], batch.at[first], dropping)
        named = torch.cat((batch.positives, batch.negatives))
        rows, place = torch.unique(named, return_inverse=True)
        nodes = array(rows) + self.n_users
        items = self.at_times(nodes, np.full(len(nodes), batch.before), dropping)
        positives, negatives = (
            items.index_select(0, some)
            for some in place.split((len(batch.positives), len(batch.negatives)))
        )
        row, column = equal_cells(batch.positives, batch.negatives)
        of_pair = tensor(owner)
        same = (of_pair[row], column)
        value = loss(PairComparison(users, positives, negatives, same, batch.weights, of_pair))
        if self.config.l2:
            touched = torch.cat((tensor(batch.users), batch.positives + self.n_users))
            squares = squared_length(self._first, touched)
            value = value + self.config.l2 * squares / (2 * len(batch.users))
        if self._memory:
            ends = batch.users, array(batch.positives) + self.n_users
            self._memory.take(ends, batch.at, self._first)
        return value

    def encode(self) -> Embeddings:
        """Return everybody at the moments of the config; zeros where there was no event at all."""
        vectors = np.zeros((self._met.n_nodes, self.config.dimension), dtype=np.float32)
        with torch.no_grad():
            for nodes in self._by_moment():
                for start in range(0, len(nodes), _AT_ONCE):
                    some = nodes[start : start + _AT_ONCE]
                    found = self.at_times(some, self._moments[some]) * self._known[some]
                    vectors[some] = array(found)
        return Embeddings(vectors[: self.n_users], vectors[self.n_users :])

    def _by_moment(self) -> Iterator[Int64Array]:
        """Yield all nodes, in groups where memory has to stand before their moments in turn."""
        every, memory = np.arange(self._met.n_nodes), self._memory
        if memory is None:
            yield every
            return
        users, items, at = self._events
        cuts = stretches(at, memory.batches)
        earlier = np.searchsorted(at, self._moments)  # events before each node's moment
        group = np.searchsorted(cuts[1:], earlier, side="right")
        with memory.anew():
            for number, (begin, end) in enumerate(itertools.pairwise(cuts)):
                yield every[group == number]
                some = slice(begin, end)
                memory.take((users[some], items[some]), at[some], self._first)
            yield every[group == len(cuts) - 1]

    def state(self) -> dict[str, torch.Tensor]:
        """Return the first vectors, those of time, and the weights of each layer from 0 on."""
        named = {"vectors": self._first}
        named |= {"log_frequency": self._times.log_frequency, "phase": self._times.phase}
        for number, layer in enumerate(self._layers):
            named |= {f"{number}.{name}": one for name, one in layer.state().items()}
        if self._memory:
            named |= {f"memory.{name}": one for name, one in self._memory.state().items()}
        return named

    def at_times(
        self, nodes: Int64Array, at: Int64Array, dropping: Dropping = NOTHING_DROPPED
    ) -> torch.Tensor:
        """Return the vectors of nodes at moments, as they are scored, ``(n, d)``.

        Args:
            nodes: ``(n,)`` rows of users, or of items behind them.
            at: ``(n,)`` epoch milliseconds; nothing at them or later is looked at.
            dropping: What dropout drops.
        """
        found = self._layer(self.config.layers, nodes, at, dropping)
        return F.normalize(found, dim=-1) if self.config.scoring == "cosine" else found

    def _layer(
        self, number: int, nodes: Int64Array, at: Int64Array, dropping: Dropping
    ) -> torch.Tensor:
        """Return what a layer says of nodes at moments, ``(n, d)``; of layer 0, first vectors."""
        if number == 0:
            rows = tensor(nodes)
            first = self._first.index_select(0, rows)
            return first + self._memory.added(rows, self._first) if self._memory else first
        k = self.config.neighbours if number == self.config.layers else self.config.beyond
        met = self._met.newest(nodes, at, k)
        inside = met.inside
        # An empty place takes a vector that is there anyway; attention leaves it out.
        others = np.where(inside, met.nodes, nodes[:1]).ravel()
        moments = np.where(inside, met.at, at[:1]).ravel()
        own, values = self._below(number - 1, (nodes, others), (at, moments), dropping)
        gaps = np.where(inside, at[:, None] - met.at, 0) / 1_000
        meetings = Meetings(values.reshape(*inside.shape, -1), tensor(gaps), tensor(inside))
        return self._layers[number - 1](own, meetings, self._times, dropping)

    def _below(
        self,
        number: int,
        nodes: tuple[Int64Array, Int64Array],
        at: tuple[Int64Array, Int64Array],
        dropping: Dropping,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what a layer says of nodes and of whom they met, each pair computed once."""
        if number == 0:
            return self._layer(0, nodes[0], at[0], dropping), self._layer(
                0, nodes[1], at[1], dropping
            )
        every, when = np.concatenate(nodes), np.concatenate(at)
        _, first, place = np.unique(
            self._met.keys(every, when), return_index=True, return_inverse=True
        )
        found = self._layer(number, every[first], when[first], dropping)
        own, others = np.split(place, [len(nodes[0])])
        return found.index_select(0, tensor(own)), found.index_select(0, tensor(others))


def usual_gap(train: Interactions, met: TemporalAdjacency) -> int:
    """Return the median time between an event and its user's moment before, in milliseconds.

    Vectors are trained at moments that lie so far behind a user's last event; right behind one they
    would see a gap that they never saw. 1 where no user has two moments.
    """
    before = met.newest(train.user.astype(np.int64), train.at, 1)
    gaps = (train.at - before.at[:, 0])[before.counts > 0]
    return int(np.median(gaps)) if len(gaps) else 1
