"""Triple batches: events and facts in a new order every epoch, with negative nodes.

Negatives are drawn uniformly, or by degree: an end of a triple drawn at random is a node drawn by
its degree. The ends of a large batch are such a draw, at no cost; a small one is filled up. May
import: ``batches``, ``negatives``, ``seed``, ``engine.data``, ``engine.models.relational``.
"""

import numpy as np
import torch

from engine.data.arrays import Float32Array, Int64Array
from engine.data.triples import Triples
from engine.models.relational import TripleBatch
from engine.models.tensors import array, tensor
from engine.training import seed
from engine.training.batches import Sampling, decayed
from engine.training.negatives import shared

_LABELS = (0, 1, 2)


class TripleBatches:
    """Triples that are true, each once in an epoch.

    Args:
        triples: Where they come from.
        sampling: How they are drawn; ``count`` negatives of each label per way of drawing.
        fact_weight: Weight of a fact in the loss, where an event weighs 1.
    """

    def __init__(self, triples: Triples, sampling: Sampling, fact_weight: float = 1.0) -> None:
        self._triples, self._sampling = triples, sampling
        ends = np.stack((triples.head, triples.tail), axis=1).ravel()
        labels = triples.label_of(ends)
        self._ends = [ends[labels == label] for label in _LABELS]
        self._present = [np.unique(some) for some in self._ends]
        self._weights: torch.Tensor | None = None
        if sampling.half_life_days > 0 or fact_weight != 1.0:
            weights = weigh(triples, sampling.half_life_days, fact_weight)
            self._weights = tensor(weights)
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)

    @property
    def steps(self) -> int:
        """Batches per epoch."""
        return max(1, -(-len(self._triples) // self._sampling.size))

    def batch(self, epoch: int, step: int) -> TripleBatch:
        """Return one batch; the last of an epoch may be smaller."""
        if epoch != self._epoch:
            draw = seed.generator(self._sampling.seed, "order", epoch)
            self._order, self._epoch = draw.permutation(len(self._triples)), epoch
        chosen = self._order[step * self._sampling.size : (step + 1) * self._sampling.size]
        draw = seed.generator(self._sampling.seed, "negatives", epoch, step)
        users, items, entities = self._negatives(chosen, draw)
        triples = self._triples
        return TripleBatch(
            heads=tensor(triples.head[chosen]),
            relations=tensor(triples.relation[chosen]),
            tails=tensor(triples.tail[chosen]),
            negatives=(users, items, entities),
            weights=None if self._weights is None else self._weights[tensor(chosen)],
        )

    def _negatives(self, chosen: Int64Array, draw: np.random.Generator) -> list[torch.Tensor]:
        """Return nodes of each label; none of a label that no triple has."""
        own = np.stack((self._triples.head[chosen], self._triples.tail[chosen]), axis=1).ravel()
        labels, kind = self._triples.label_of(own), self._sampling.negatives
        found = []
        for label in _LABELS:
            parts = []
            if kind != "in-batch":
                present = self._present[label]
                parts.append(present[array(shared(len(present), self._sampling.count, draw))])
            if kind != "uniform":
                mine = own[labels == label]
                parts.append(_by_degree(mine, self._ends[label], self._sampling.count, draw))
            found.append(tensor(np.concatenate(parts)))
        return found


def weigh(triples: Triples, half_life_days: float, fact_weight: float) -> Float32Array:
    """Return the weight of every triple: an event by its age, with a mean of 1; a fact as given.

    Args:
        triples: Events and facts.
        half_life_days: An event weighs 2^(-age / half-life); 0: all weigh the same.
        fact_weight: Of every fact.
    """
    weights = np.full(len(triples), fact_weight)
    events = triples.relation < len(triples.kinds)
    weights[events] = 1.0
    if half_life_days > 0 and events.any():
        at = triples.at[events]
        weights[events] = decayed(at, int(at.max()), half_life_days)
    return weights.astype(np.float32)


def _by_degree(
    own: Int64Array, ends: Int64Array, count: int, draw: np.random.Generator
) -> Int64Array:
    """Return ``count`` nodes, the batch's own ends first; a node may be there twice."""
    missing = count - len(own) if len(ends) else 0
    if missing <= 0:
        return own[:count]
    return np.concatenate((own, ends[draw.integers(0, len(ends), missing)]))
