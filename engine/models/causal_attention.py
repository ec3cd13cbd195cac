"""Causal self-attention: blocks in which an event sees those before it and itself, and no other.

x + A(LN(x)), then x + W2 ReLU(W1 LN(x)): the block of Vaswani et al. 2017 with the norm first, as
``torch.nn.TransformerEncoderLayer(norm_first=True)`` has it. Attention's scores may have a bias.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from engine.data.sequence_encoder import NORM_EPSILON
from engine.errors import UsageError
from engine.models.initialization import dropout_mask, xavier_uniform


def check_heads(heads: int, dimension: int) -> None:
    """Refuse heads that do not share the numbers of a vector evenly.

    Raises:
        UsageError: They do not.
    """
    if dimension % heads:
        raise UsageError(
            f"{heads} heads cannot share {dimension} numbers evenly",
            hint="--set heads to a divisor of --set dimension",
        )


@dataclass(frozen=True)
class NormWeights:
    """Scale and shift of a layer norm, ``(d,)`` each."""

    weight: torch.Tensor
    bias: torch.Tensor

    @classmethod
    def first(cls, size: int) -> "NormWeights":
        """Return those that change nothing."""
        return cls(torch.ones(size, requires_grad=True), torch.zeros(size, requires_grad=True))

    def __call__(self, values: torch.Tensor) -> torch.Tensor:
        """Return the values with mean 0 and deviation 1 along the last axis, scaled and shifted."""
        return F.layer_norm(values, self.weight.shape, self.weight, self.bias, NORM_EPSILON)


@dataclass(frozen=True)
class LinearWeights:
    """``(out, in)`` and ``(out,)``."""

    weight: torch.Tensor
    bias: torch.Tensor

    @classmethod
    def drawn(cls, rows: int, columns: int, generator: np.random.Generator) -> "LinearWeights":
        """Return first weights."""
        bias = torch.zeros(rows, requires_grad=True)
        return cls(xavier_uniform(rows, columns, generator), bias)

    def __call__(self, values: torch.Tensor) -> torch.Tensor:
        """Return W x + b."""
        return F.linear(values, self.weight, self.bias)


@dataclass(frozen=True)
class Dropping:
    """What dropout drops in a step; without a generator nothing."""

    share: float = 0.0
    draw: torch.Generator | None = None

    def __call__(self, values: torch.Tensor) -> torch.Tensor:
        """Return the values, some of them zero and the others larger."""
        mask = dropout_mask(tuple(values.shape), self.share, self.draw, values)
        return values if mask is None else values * mask


NOTHING_DROPPED = Dropping()


@dataclass(frozen=True)
class AttentionBlock:
    """The weights of one block; ``attention`` is ``(3 d, d)``: queries, keys and values."""

    attention: LinearWeights
    out: LinearWeights
    norm1: NormWeights
    inner: LinearWeights
    outer: LinearWeights
    norm2: NormWeights
    heads: int

    @classmethod
    def drawn(
        cls, size: int, hidden: int, heads: int, generator: np.random.Generator
    ) -> "AttentionBlock":
        """Return first weights."""
        return cls(
            LinearWeights.drawn(3 * size, size, generator),
            LinearWeights.drawn(size, size, generator),
            NormWeights.first(size),
            LinearWeights.drawn(hidden, size, generator),
            LinearWeights.drawn(size, hidden, generator),
            NormWeights.first(size),
            heads,
        )

    def __call__(
        self, values: torch.Tensor, bias: torch.Tensor | None, dropping: Dropping
    ) -> torch.Tensor:
        """Return the block's output, ``(n, width, d)``.

        Args:
            values: ``(n, width, d)``.
            bias: ``(n, heads, width, width)``, added to the scores, -inf where nothing may be seen;
                None: the causal mask alone.
            dropping: Of both parts.
        """
        n, width, d = values.shape
        parts = self.attention(self.norm1(values)).reshape(n, width, 3, self.heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(
            query, key, value, attn_mask=bias, is_causal=bias is None
        )
        mixed = mixed.transpose(1, 2).reshape(n, width, d)
        values = values + dropping(self.out(mixed))
        inner = dropping(torch.relu(self.inner(self.norm2(values))))
        return values + dropping(self.outer(inner))

    def state(self) -> dict[str, torch.Tensor]:
        """Return the weights by name."""
        parts = ("attention", "out", "norm1", "inner", "outer", "norm2")
        return {
            f"{name}.{kind}": getattr(getattr(self, name), kind)
            for name in parts
            for kind in ("weight", "bias")
        }
