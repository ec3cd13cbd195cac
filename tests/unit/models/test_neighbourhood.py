import numpy as np
import torch
from scipy import stats

from engine.data.interactions import Interactions
from engine.models.neighbourhood import NeighbourBlock, Neighbourhood, block_of, weighted_sum


def around(train: Interactions) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {v: set() for v in range(train.n_users + train.n_items)}
    for user, item in zip(train.user.tolist(), train.item.tolist(), strict=True):
        found[user].add(train.n_users + item)
        found[train.n_users + item].add(user)
    return found


def test_the_whole_graph_goes_both_ways_and_counts_a_pair_once(small_graph: Interactions) -> None:
    block = Neighbourhood(small_graph).whole
    rows = [set() for _ in range(16)]
    for target, source in zip(block.targets.tolist(), block.indices.tolist(), strict=True):
        assert source not in rows[target]
        rows[target].add(source)
    assert dict(enumerate(rows)) == around(small_graph)


def test_a_sample_holds_different_neighbours_of_each_node(small_graph: Interactions) -> None:
    real = around(small_graph)
    nodes = torch.tensor([14, 0, 3, 8])
    draw = torch.Generator().manual_seed(0)
    block, sources = Neighbourhood(small_graph).sampled(nodes, 2, draw)
    assert sources[:4].tolist() == nodes.tolist()
    assert len(sources.unique()) == len(sources) == block.n_sources
    for row, node in enumerate(nodes.tolist()):
        heard = sources[block.indices[block.indptr[row] : block.indptr[row + 1]]].tolist()
        assert len(heard) == len(set(heard)) == min(2, len(real[node]))
        assert set(heard) <= real[node]


def test_every_neighbour_is_drawn_equally_often_and_at_every_place(
    small_graph: Interactions,
) -> None:
    graph, draw = Neighbourhood(small_graph), torch.Generator().manual_seed(1)
    node = max(range(9), key=lambda v: len(around(small_graph)[v]))
    options = sorted(around(small_graph)[node])
    counts = np.zeros((2, len(options)))
    for _ in range(2_000):
        block, sources = graph.sampled(torch.tensor([node]), 2, draw)
        for place, heard in enumerate(sources[block.indices].tolist()):
            counts[place, options.index(heard)] += 1
    assert len(options) > 2
    assert (stats.chisquare(counts, axis=1).pvalue > 1e-3).all()


def test_loops_stand_before_each_targets_own_edges() -> None:
    block = block_of(torch.tensor([1, 0, 1]), torch.tensor([2, 3, 3]), 3, 4).with_loops
    assert block.targets.tolist() == [0, 0, 1, 1, 1, 2]
    assert block.indices.tolist() == [0, 3, 1, 2, 3, 2]
    assert block.indptr.tolist() == [0, 2, 5, 6]


def test_a_weighted_sum_and_its_gradients() -> None:
    block = block_of(torch.tensor([2, 0, 2, 2]), torch.tensor([1, 4, 4, 0]), 3, 5)
    weights = torch.randn(4, dtype=torch.float64, requires_grad=True)
    vectors = torch.randn(5, 2, dtype=torch.float64, requires_grad=True)
    dense = torch.zeros(3, 5, dtype=torch.float64)
    dense[block.targets, block.indices] = weights.detach()
    found = weighted_sum(weights, vectors, block)
    torch.testing.assert_close(found, dense @ vectors)
    assert torch.autograd.gradcheck(lambda w, x: weighted_sum(w, x, block), (weights, vectors))


def test_a_block_without_edges_sums_to_zeros() -> None:
    block = NeighbourBlock(torch.zeros(3, dtype=torch.int64), torch.zeros(0, dtype=torch.int64), 2)
    weights = torch.zeros(0, requires_grad=True)
    vectors = torch.ones(2, 3, requires_grad=True)
    found = weighted_sum(weights, vectors, block)
    found.sum().backward()
    assert found.shape == (2, 3)
    assert not found.any()
    assert vectors.grad is not None
    assert not vectors.grad.any()
