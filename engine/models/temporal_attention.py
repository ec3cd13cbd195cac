"""Temporal attention: a node at a time t attends to those it met before, by what and how long ago.

The layer of TGAT (Xu et al. 2020, sections 3.1 and 3.2), with heads h = 1 … H:

    Φ(s) = cos(ω s + φ)                                           s: seconds
    q = W_Q [x_v ‖ Φ(0)],   k_j = W_K [x_j ‖ Φ(t - t_j)],   v_j = W_V [x_j ‖ Φ(t - t_j)]
    a_h = Σ_j softmax_j(q_h·k_jh / √(d/H)) v_jh                   0 where nobody was met
    x'_v = x_v + W_2 ReLU(W_1 [a_1 ‖ … ‖ a_H ‖ x_v] + b_1) + b_2

x_v is added at the end, which the paper does not, and W_2 begins with zeros: a layer begins by
giving back what it is given, and does not drown it in what is drawn.
"""

from dataclasses import dataclass

import numpy as np
import torch

from engine.models.causal_attention import Dropping, LinearWeights
from engine.models.initialization import xavier_uniform
from engine.models.tensors import tensor

SLOWEST = 9.0
"""The first frequencies fall from 1 to 10^-9 per second, as in the authors' code."""


@dataclass(frozen=True)
class TimeEncoding:
    """Φ; ω is kept as its logarithm, so that a step of training is a share of it.

    Attributes:
        log_frequency: ``(m,)`` natural logarithm of ω, per second.
        phase: ``(m,)`` φ.
    """

    log_frequency: torch.Tensor
    phase: torch.Tensor

    @classmethod
    def first(cls, size: int) -> "TimeEncoding":
        """Return frequencies from a second to thirty years, without phases."""
        powers = np.log(10.0) * np.linspace(0.0, -SLOWEST, size)
        return cls(
            tensor(powers.astype(np.float32)).requires_grad_(),
            torch.zeros(size, requires_grad=True),
        )

    def __call__(self, seconds: torch.Tensor) -> torch.Tensor:
        """Return ``(…, m)`` of ``(…)`` float64 seconds."""
        # Of years in seconds float32 keeps no fraction of a fast wave.
        waves = seconds[..., None] * self.log_frequency.double().exp() + self.phase.double()
        return torch.cos(waves).float()


@dataclass(frozen=True)
class Meetings:
    """Whom each of some nodes met.

    Attributes:
        values: ``(n, k, d)`` vectors of those that were met, as they were then.
        gaps: ``(n, k) float64`` seconds since then.
        inside: ``(n, k) bool``; false where a place is empty.
    """

    values: torch.Tensor
    gaps: torch.Tensor
    inside: torch.Tensor


@dataclass(frozen=True)
class TemporalAttention:
    """The weights of one layer; ``query``, ``key`` and ``value`` are ``(d, d + m)``."""

    query: torch.Tensor
    key: torch.Tensor
    value: torch.Tensor
    inner: LinearWeights
    outer: LinearWeights
    heads: int

    @classmethod
    def drawn(
        cls, size: int, times: int, heads: int, generator: np.random.Generator
    ) -> "TemporalAttention":
        """Return first weights for vectors of ``size`` and ``times`` numbers of Φ."""
        query, key, value = (xavier_uniform(size, size + times, generator) for _ in range(3))
        return cls(
            query,
            key,
            value,
            LinearWeights.drawn(size, 2 * size, generator),
            LinearWeights(
                torch.zeros(size, size, requires_grad=True),
                torch.zeros(size, requires_grad=True),
            ),
            heads,
        )

    def __call__(
        self, own: torch.Tensor, met: Meetings, times: TimeEncoding, dropping: Dropping
    ) -> torch.Tensor:
        """Return the layer's output, ``(n, d)``.

        Args:
            own: ``(n, d)`` vectors of the nodes.
            met: Whom they met.
            times: Φ.
            dropping: Of the shares of attention, and inside of the last part.
        """
        mixed = self.attention(own, met, times, dropping)
        inner = dropping(torch.relu(self.inner(torch.cat((mixed, own), dim=1))))
        return own + self.outer(inner)

    def attention(
        self, own: torch.Tensor, met: Meetings, times: TimeEncoding, dropping: Dropping
    ) -> torch.Tensor:
        """Return what the heads take from those that were met, one after the other, ``(n, d)``."""
        n, d = own.shape
        width = d // self.heads
        zero = times(own.new_zeros(1, dtype=torch.float64)).expand(n, -1)
        query = torch.cat((own, zero), dim=1) @ self.query.T
        when = times(met.gaps)
        # q·(W x) = (Wᵀ q)·x, and Σ a (W x) = W Σ a x: no key or value is ever made.
        by_head = query.reshape(n, self.heads, width).transpose(0, 1)
        looked_for = (by_head @ self.key.reshape(self.heads, width, -1)).transpose(0, 1)
        whom, then = looked_for[..., :d], looked_for[..., d:]
        scores = torch.bmm(whom, met.values.transpose(1, 2))
        scores = torch.baddbmm(scores, then, when.transpose(1, 2)) / width**0.5
        scores = scores.masked_fill(~met.inside[:, None], torch.finfo(scores.dtype).min)
        shares = dropping(torch.softmax(scores, dim=2) * met.inside[:, None])
        taken = torch.cat((torch.bmm(shares, met.values), torch.bmm(shares, when)), dim=2)
        weights = self.value.reshape(self.heads, width, -1).transpose(1, 2)
        values = taken.transpose(0, 1) @ weights
        return values.transpose(0, 1).reshape(n, d)

    def state(self) -> dict[str, torch.Tensor]:
        """Return the weights by name."""
        own = {"query": self.query, "key": self.key, "value": self.value}
        for name in ("inner", "outer"):
            part: LinearWeights = getattr(self, name)
            own |= {f"{name}.weight": part.weight, f"{name}.bias": part.bias}
        return own
