import numpy as np

from engine.data.interactions import Interactions
from engine.models.lightgcn import LightGCN, LightGCNConfig
from engine.models.matrix_factorization import MatrixFactorization, MatrixFactorizationConfig


def test_it_is_lightgcn_without_layers(small_graph: Interactions) -> None:
    ours = MatrixFactorization(
        small_graph, MatrixFactorizationConfig(dimension=4), np.random.default_rng(0)
    ).encode()
    theirs = LightGCN(
        small_graph, LightGCNConfig(dimension=4, layers=0), np.random.default_rng(0)
    ).encode()
    np.testing.assert_allclose(ours.users, theirs.users)
    np.testing.assert_allclose(ours.items, theirs.items)
