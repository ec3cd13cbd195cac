import numpy as np
import pytest
import torch

from engine.models.distances import nearest_queries, nearest_targets


@pytest.mark.parametrize("unit", [True, False])
def test_inner_products_of_what_is_stored_rank_as_distances_do(*, unit: bool) -> None:
    draw = torch.Generator().manual_seed(4)
    queries, targets = torch.randn(6, 5, generator=draw), torch.randn(9, 5, generator=draw)
    stored = nearest_queries(queries, unit=unit) @ nearest_targets(targets, unit=unit).T
    gaps = np.empty((6, 9))
    for a in range(6):
        for b in range(9):
            one, other = queries[a], targets[b]
            if unit:
                one, other = one / one.norm(), other / other.norm()
            gaps[a, b] = (one - other).norm()
    np.testing.assert_array_equal(np.argsort(-stored.numpy(), axis=1), np.argsort(gaps, axis=1))
