"""Node memory: what a node keeps of the events it had, written one batch after another (TGN).

Rossi et al. 2020, sections 3.1 and 3.2: messages are the identity, the newest one of a batch is
the one that counts, and a GRU cell writes it. Of node i, whose newest event was with j at t, and
the one before it at t_i:

    m_i = [s_i ‖ s_j ‖ x_j ‖ Φ(t - t_i)]                 x_j: the vector of the other node
    r, z = sigmoid(W_r [m_i ‖ s_i] + b_r), sigmoid(W_z [m_i ‖ s_i] + b_z)
    n = tanh(W_n m_i + b_n + r ∘ (U_n s_i + c_n)),   s_i' = z ∘ s_i + (1 - z) ∘ n

m_i waits until i has another event: whoever reads i before is given s_i', with gradients, and only
then is it written, without. So a step trains the cell on messages of the batches before it. A node
without a message is given m_i = 0, as in ``torch_geometric.nn.models.TGNMemory``, whose numbers
these are. That one keeps waiting messages in a dictionary; as only the newest counts, they are two
numbers per node here, which are saved beside the weights.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.arrays import Float32Array, Int64Array
from engine.models.causal_attention import LinearWeights
from engine.models.temporal_attention import TimeEncoding
from engine.models.tensors import tensor

NOBODY = -1


class NodeMemory:
    """What every node keeps, and the weights by which that is written and added to its vector.

    Args:
        nodes: How many there are.
        size: Numbers that a node keeps.
        dimension: d, of nodes' vectors.
        times: Φ.
        since: Epoch milliseconds that stand for the event before a node's first.
        generator: Draws the weights of the cell; the last ones begin with zeros.
    """

    def __init__(
        self,
        nodes: int,
        size: int,
        dimension: int,
        *,
        times: TimeEncoding,
        since: int,
        generator: np.random.Generator,
    ) -> None:
        self._times, self._since = times, since
        wide = 2 * size + dimension + len(times.phase)
        self._of_message = _drawn(3 * size, wide, size, generator)
        self._of_held = _drawn(3 * size, size, size, generator)
        self._out = torch.zeros(dimension, size, requires_grad=True)
        self._held = torch.zeros(nodes, size)
        self._written_at = torch.full((nodes,), since, dtype=torch.int64)
        self._other = torch.full((nodes,), NOBODY, dtype=torch.int64)
        self._met_at = torch.full((nodes,), since, dtype=torch.int64)
        self._batches = torch.zeros((), dtype=torch.int64)

    @property
    def batches(self) -> int:
        """How many batches it took since it forgot."""
        return int(self._batches)

    def forget(self) -> None:
        """Put everything back to before the first event."""
        self._held.zero_()
        self._other.fill_(NOBODY)
        self._written_at.fill_(self._since)
        self._met_at.fill_(self._since)
        self._batches.zero_()

    @contextmanager
    def anew(self) -> Iterator[None]:
        """Begin before the first event, and carry at the end what was carried before."""
        before = {name: one.clone() for name, one in self._carried().items()}
        self.forget()
        try:
            yield
        finally:
            for name, one in self._carried().items():
                one.copy_(before[name])

    def added(self, nodes: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        """Return what memory adds to the vectors of some nodes, ``(n, d)``.

        Args:
            nodes: ``(n,) int64`` rows; what is computed for one that stands there twice is shared.
            vectors: ``(n_nodes, d)`` of all nodes.
        """
        rows, place = torch.unique(nodes, return_inverse=True)
        return F.linear(self.kept(rows, vectors), self._out).index_select(0, place)

    def kept(self, nodes: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        """Return what nodes keep, their waiting messages included, ``(n, size)``."""
        held, other = self._held.index_select(0, nodes), self._other.index_select(0, nodes)
        waits = other != NOBODY
        other = other.clamp(min=0)
        gap = (self._met_at - self._written_at).index_select(0, nodes).double() / 1_000
        parts = (held, self._held.index_select(0, other), vectors.index_select(0, other))
        message = torch.cat((*parts, self._times(gap)), dim=1) * waits[:, None]
        of_message, of_held = self._of_message(message).chunk(3, 1), self._of_held(held).chunk(3, 1)
        read = torch.sigmoid(of_message[0] + of_held[0])
        keep = torch.sigmoid(of_message[1] + of_held[1])
        new = torch.tanh(of_message[2] + read * of_held[2])
        return new + keep * (held - new)

    def take(
        self, ends: tuple[Int64Array, Int64Array], at: Int64Array, vectors: torch.Tensor
    ) -> None:
        """Take events: of each node in them what waited is written, and its newest event waits.

        Of a node's events of one moment the one with the highest row of the other node is taken.

        Args:
            ends: ``(b,)`` rows of the nodes of each event, twice.
            at: ``(b,)`` epoch milliseconds; not before those that were taken already.
            vectors: ``(n_nodes, d)`` of all nodes.
        """
        nodes, others = np.concatenate(ends), np.concatenate(ends[::-1])
        moments = np.concatenate((at, at))
        order = np.lexsort((others, moments, nodes))
        last = order[np.append(np.diff(nodes[order]) > 0, True)] if len(order) else order
        rows = tensor(nodes[last])
        with torch.no_grad():
            self._held[rows] = self.kept(rows, vectors)
            self._written_at[rows] = self._met_at[rows]
            self._other[rows] = tensor(others[last])
            self._met_at[rows] = tensor(moments[last])
            self._batches += 1

    def state(self) -> dict[str, torch.Tensor]:
        """Return the trained weights, then what is carried from batch to batch."""
        return {
            "message.weight": self._of_message.weight,
            "message.bias": self._of_message.bias,
            "held.weight": self._of_held.weight,
            "held.bias": self._of_held.bias,
            "out": self._out,
        } | self._carried()

    def _carried(self) -> dict[str, torch.Tensor]:
        return {
            "held": self._held,
            "written_at": self._written_at,
            "other": self._other,
            "met_at": self._met_at,
            "batches": self._batches,
        }


def _drawn(rows: int, columns: int, size: int, generator: np.random.Generator) -> LinearWeights:
    """Return first weights of a cell of ``size`` numbers, as PyTorch's ``GRUCell`` draws them."""
    limit = 1.0 / np.sqrt(size)

    def uniform(*shape: int) -> torch.Tensor:
        drawn: Float32Array = generator.uniform(-limit, limit, shape).astype(np.float32)
        return tensor(drawn).requires_grad_()

    return LinearWeights(uniform(rows, columns), uniform(rows))
