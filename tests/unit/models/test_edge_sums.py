import numpy as np
from scipy import sparse

from engine.models.edge_sums import EdgeSums, followed


def test_a_lists_edges_are_shared_among_own_items_in_fifties() -> None:
    found = followed(np.array([0, 1, 2, 5, 7, 40, 1_000]), 1_000)
    assert found.tolist() == [1_000, 1_000, 500, 200, 100, 50, 50]


def test_of_who_has_many_items_the_edges_farthest_from_0_count() -> None:
    draw = np.random.default_rng(3)
    edges = draw.normal(size=(130, 130)).astype(np.float32)
    edges[5, ::2] = 0.75  # level ones: those of smaller columns count
    np.fill_diagonal(edges, 0.0)
    profiles = np.zeros((4, 130), dtype=np.float32)
    profiles[0, 4] = 1.0
    profiles[1, [5, 9]] = 0.5
    profiles[2, :10] = 0.1
    expected = np.zeros_like(profiles)
    for row, each in enumerate([200, 100, 50, 200]):
        for own in np.flatnonzero(profiles[row]):
            strongest = sorted(range(130), key=lambda to, own=own: (-abs(edges[own, to]), to))
            for to in strongest[:each]:
                expected[row, to] += profiles[row, own] * edges[own, to]
    found = EdgeSums(sparse.csr_array(edges), 200)(sparse.csr_array(profiles))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)
    assert not np.allclose(expected, profiles @ edges, atol=1e-3)


def test_where_no_list_is_too_long_every_edge_counts() -> None:
    draw = np.random.default_rng(4)
    edges = sparse.csr_array(draw.random((60, 60), dtype=np.float32))
    profiles = sparse.csr_array(np.eye(3, 60, dtype=np.float32))
    found = EdgeSums(edges, 20_000)(profiles)
    np.testing.assert_array_equal(found, (profiles @ edges).toarray())
