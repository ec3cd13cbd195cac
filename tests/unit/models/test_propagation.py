import numpy as np
import torch
from scipy import sparse

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models.propagation import Adjacency, SparseMatrix, multiply, propagate


def graph(users: int = 6, items: int = 8, events: int = 25) -> Interactions:
    generator = np.random.default_rng(5)
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(users)]),
        Vocabulary([f"i{n}" for n in range(items)]),
        np.sort(generator.integers(0, users, events)),
        generator.integers(0, items, events),
    )


def test_backward_by_hand_is_the_gradient() -> None:
    adjacency = Adjacency(graph(), torch.float64)
    vectors = torch.randn(14, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x: propagate(x, adjacency, (0.4, 0.3, 0.2, 0.1)), (vectors,)
    )


def test_backward_by_hand_is_the_gradient_of_the_weights_of_layers_too() -> None:
    adjacency = Adjacency(graph(), torch.float64)
    vectors = torch.randn(14, 3, dtype=torch.float64, requires_grad=True)
    alphas = torch.tensor([0.4, 0.3, 0.2, 0.1], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, a: propagate(x, adjacency, a), (vectors, alphas))


def test_backward_by_hand_is_that_of_autograd_over_products_layer_by_layer() -> None:
    adjacency = Adjacency(graph(), torch.float64)
    vectors = torch.randn(14, 3, dtype=torch.float64, requires_grad=True)
    alphas = torch.rand(4, dtype=torch.float64, requires_grad=True)
    dense = adjacency.times(torch.eye(14, dtype=torch.float64))
    total, layer = alphas[0] * vectors, vectors
    for alpha in alphas[1:]:
        layer = dense @ layer
        total = total + alpha * layer
    found = propagate(vectors, adjacency, alphas)
    torch.testing.assert_close(found, total)
    push = torch.randn(14, 3, dtype=torch.float64)
    expected = torch.autograd.grad((total * push).sum(), (vectors, alphas))
    ours = torch.autograd.grad((found * push).sum(), (vectors, alphas))
    for mine, other in zip(ours, expected, strict=True):
        torch.testing.assert_close(mine, other)


def test_propagation_equals_the_dense_formula() -> None:
    train = graph()
    matrix = train.csr(binary=True).toarray()
    full = np.block([[np.zeros((6, 6)), matrix], [matrix.T, np.zeros((8, 8))]])
    degree = np.maximum(full.sum(axis=1), 1)
    normal = full / np.sqrt(degree[:, None] * degree[None, :])
    vectors = torch.randn(14, 4)
    expected = 0.5 * vectors.numpy() + 0.5 * normal @ vectors.numpy()
    found = propagate(vectors, Adjacency(train), (0.5, 0.5)).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_product_and_its_gradient_go_through_any_matrix() -> None:
    dense = np.array([[0.0, 2, 0], [1, 0, 3]])
    matrix = SparseMatrix(sparse.csr_array(dense), torch.float64)
    vectors = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    np.testing.assert_allclose(
        multiply(matrix, vectors).detach().numpy(), dense @ vectors.detach().numpy()
    )
    assert torch.autograd.gradcheck(lambda x: multiply(matrix, x), (vectors,))
