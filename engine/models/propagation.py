"""Linear propagation over the user-item graph, with its backward pass written by hand.

With Â the symmetric normalised adjacency, P(E) = Σ_k a_k Â^k E. P is linear and symmetric, so the
gradient of E is P applied to the gradient G of the output: nothing needs to be kept for the
backward pass, and it costs what the forward pass costs. Where the a_k are learned, theirs is
⟨Â^k G, E⟩: the products that make the gradient of E give it too. A single product is done
likewise, with any matrix whose transpose is known.
"""

import warnings
from typing import Any, Protocol

import numpy as np
import torch
from scipy import sparse

from engine.data.interactions import Interactions
from engine.models.confidence import BINARY, ConfidenceConfig
from engine.models.normalised_adjacency import normalised
from engine.models.tensors import tensor


class Linear(Protocol):
    """A sparse matrix as a function of vectors, and its transpose."""

    def times(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the matrix times ``vectors``."""

    def transposed_times(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the transposed matrix times ``vectors``."""


class Adjacency:
    """Â of a bipartite graph, 1/sqrt(|N_u| |N_i|) per pair; see ``normalised``.

    Args:
        train: The only events the graph is made of.
        dtype: Of the matrix and of what is multiplied by it.
        confidence: What weights mean.
    """

    def __init__(
        self,
        train: Interactions,
        dtype: torch.dtype = torch.float32,
        confidence: ConfidenceConfig = BINARY,
    ) -> None:
        self.n_users = train.n_users
        matrix = normalised(train, confidence)
        self._to_users = _tensor(matrix, dtype)
        self._to_items = _tensor(sparse.csr_array(matrix.T.tocsr()), dtype)

    def times(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return Â · vectors; rows are users, then items."""
        users, items = vectors[: self.n_users], vectors[self.n_users :]
        return torch.cat((self._to_users @ items, self._to_items @ users))

    def transposed_times(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return Â · vectors: Â is symmetric."""
        return self.times(vectors)


class SparseMatrix:
    """A sparse matrix and its transpose.

    Args:
        matrix: ``(n, m)``.
        dtype: Of the matrix and of what is multiplied by it.
    """

    def __init__(self, matrix: sparse.csr_array, dtype: torch.dtype = torch.float32) -> None:
        self._matrix = _tensor(matrix, dtype)
        self._transposed = _tensor(sparse.csr_array(matrix.T.tocsr()), dtype)

    def times(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the matrix times ``vectors``, ``(n, d)``."""
        return self._matrix @ vectors

    def transposed_times(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the transposed matrix times ``vectors``, ``(m, d)``."""
        return self._transposed @ vectors


class Transposed:
    """The transpose of a matrix.

    Args:
        matrix: ``(m, n)``.
    """

    def __init__(self, matrix: Linear) -> None:
        self._matrix = matrix

    def times(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the transpose times ``vectors``, ``(n, d)``."""
        return self._matrix.transposed_times(vectors)

    def transposed_times(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the matrix times ``vectors``, ``(m, d)``."""
        return self._matrix.times(vectors)


def multiply(matrix: Linear, vectors: torch.Tensor) -> torch.Tensor:
    """Return ``matrix`` times ``vectors``, differentiable in ``vectors``."""
    result: torch.Tensor = _Multiply.apply(matrix, vectors)
    return result


def propagate(
    vectors: torch.Tensor, adjacency: Linear, alphas: tuple[float, ...] | torch.Tensor
) -> torch.Tensor:
    """Return Σ_k alphas[k] · Â^k · vectors, differentiable in ``vectors``.

    It is so too in alphas that are a tensor, ``(layers + 1,)``.
    """
    result: torch.Tensor
    if isinstance(alphas, torch.Tensor):
        result = _LearnedSum.apply(vectors, adjacency, alphas)
    else:
        result = _PowerSum.apply(vectors, adjacency, alphas)
    return result


class _PowerSum(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, vectors: torch.Tensor, adjacency: Linear, alphas: tuple[float, ...]
    ) -> torch.Tensor:
        ctx.adjacency, ctx.alphas = adjacency, alphas
        return _power_sum(vectors, adjacency, alphas)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        return _power_sum(gradients[0], ctx.adjacency, ctx.alphas), None, None


class _LearnedSum(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, vectors: torch.Tensor, adjacency: Linear, alphas: torch.Tensor
    ) -> torch.Tensor:
        ctx.adjacency = adjacency
        ctx.save_for_backward(vectors, alphas)
        return _power_sum(vectors, adjacency, alphas)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, torch.Tensor]:
        vectors, alphas = ctx.saved_tensors
        power, parts = gradients[0], []
        of_vectors = torch.zeros_like(vectors)
        for layer, alpha in enumerate(alphas):
            power = ctx.adjacency.times(power) if layer else power
            of_vectors.addcmul_(power, alpha)
            parts.append((power * vectors).sum())
        return of_vectors, None, torch.stack(parts)


class _Multiply(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, matrix: Linear, vectors: torch.Tensor) -> torch.Tensor:
        ctx.matrix = matrix
        return matrix.times(vectors)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[None, torch.Tensor]:
        return None, ctx.matrix.transposed_times(gradients[0])


def _power_sum(
    vectors: torch.Tensor, adjacency: Linear, alphas: tuple[float, ...] | torch.Tensor
) -> torch.Tensor:
    """Horner's rule: one multiplication and one addition per layer."""
    total = alphas[-1] * vectors
    for layer in reversed(range(len(alphas) - 1)):
        total = adjacency.times(total)
        alpha = alphas[layer]
        if isinstance(alpha, torch.Tensor):
            total.addcmul_(vectors, alpha)
        else:
            total.add_(vectors, alpha=alpha)
    return total


def compressed(
    indptr: torch.Tensor, indices: torch.Tensor, data: torch.Tensor, shape: tuple[int, int]
) -> torch.Tensor:
    """Return a matrix of compressed rows; what it is made of is not checked."""
    with warnings.catch_warnings():
        # torch announces its CSR layout as beta on first use; the tests pin what is used of it.
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(
            indptr, indices, data, size=shape, dtype=data.dtype, check_invariants=False
        )


def _tensor(matrix: sparse.csr_array, dtype: torch.dtype) -> torch.Tensor:
    # In 32 bits where they fit: half the memory, and a product takes two thirds of the time.
    fits = max(matrix.nnz, *matrix.shape) <= np.iinfo(np.int32).max
    numbers = np.int32 if fits else np.int64
    return compressed(
        tensor(matrix.indptr.astype(numbers, copy=False)),
        tensor(matrix.indices.astype(numbers, copy=False)),
        tensor(matrix.data).to(dtype),
        (int(matrix.shape[0]), int(matrix.shape[1])),
    )
