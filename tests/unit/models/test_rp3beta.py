import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.models.rp3beta import Rp3Beta, Rp3BetaConfig

ALL = np.arange(9)


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 0.0), (0.7, 0.6)])
def test_scores_are_those_of_every_walk_one_by_one(
    small_graph: Interactions, alpha: float, beta: float
) -> None:
    seen = small_graph.csr(binary=True).toarray()
    of_user, of_item = seen.sum(axis=1), seen.sum(axis=0)
    expected = np.zeros((9, 7))
    for user in range(9):
        for own in np.flatnonzero(seen[user]):
            for other in np.flatnonzero(seen[:, own]):
                for item in np.flatnonzero(seen[other]):
                    if item != own:
                        walk = (1 / of_item[own]) ** alpha * (1 / of_user[other]) ** alpha
                        expected[user, item] += walk / of_item[item] ** beta
    found = Rp3Beta(small_graph, Rp3BetaConfig(alpha=alpha, beta=beta)).score(ALL)
    np.testing.assert_allclose(found, expected, atol=1e-5)
