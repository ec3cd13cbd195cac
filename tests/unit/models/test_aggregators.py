import warnings

import numpy as np
import pytest
import torch

from engine.models.aggregators import Aggregator, Lstm, MaxPool, Mean
from engine.models.neighbourhood import block_of

# Targets 0 to 3 hear two, none, one and three of five sources.
TARGET = torch.tensor([3, 0, 3, 0, 2, 3])
SOURCE = torch.tensor([0, 1, 2, 4, 3, 4])
BLOCK = block_of(TARGET, SOURCE, 4, 5)
ROWS = [[1, 4], [], [3], [0, 2, 4]]


def aggregators() -> list[Aggregator]:
    generator = np.random.default_rng(0)
    return [Mean(), MaxPool(3, generator), Lstm(3, generator)]


def test_a_mean_and_a_maximum_by_hand() -> None:
    vectors = torch.randn(5, 3)
    mean, pool = Mean(), MaxPool(3, np.random.default_rng(0))
    pooled = torch.relu(vectors @ pool.weight.T + pool.bias).detach()
    for row, heard in enumerate(ROWS):
        expected = (vectors[heard].mean(dim=0), pooled[heard].amax(dim=0)) if heard else (0, 0)
        for aggregate, value in zip((mean, pool), expected, strict=True):
            found = aggregate(vectors, BLOCK)[row].detach()
            torch.testing.assert_close(found, torch.zeros(3) + value)


def test_an_lstm_reads_each_targets_messages_one_by_one() -> None:
    vectors, lstm = torch.randn(5, 3), Lstm(3, np.random.default_rng(0))
    found = lstm(vectors, BLOCK)
    for row, heard in enumerate(ROWS):
        expected = lstm.cell(vectors[heard][None])[0][0, -1] if heard else torch.zeros(3)
        torch.testing.assert_close(found[row], expected)


def test_an_lstm_equals_torch_geometric_where_all_hear_equally_many() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch_geometric.nn.aggr import LSTMAggregation

    target, source = torch.tensor([0, 0, 1, 1]), torch.tensor([2, 3, 3, 4])
    lstm, reference = Lstm(3, np.random.default_rng(0)), LSTMAggregation(3, 3)
    reference.lstm.load_state_dict(lstm.cell.state_dict())
    vectors = torch.randn(5, 3)
    expected = reference(vectors[source], target)
    found = lstm(vectors, block_of(target, source, 2, 5))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_gradients(number: int) -> None:
    aggregate = aggregators()[number]
    if isinstance(aggregate, Lstm):
        aggregate.cell.double()
    elif isinstance(aggregate, MaxPool):
        aggregate.weight = aggregate.weight.detach().double().requires_grad_()
        aggregate.bias = aggregate.bias.detach().double().requires_grad_()
    vectors = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    weights = tuple(aggregate.state().values())
    # The weights are not arguments of the function, but are looked up in it.
    assert torch.autograd.gradcheck(lambda x, *_: aggregate(x, BLOCK), (vectors, *weights))


def test_nothing_heard_anywhere_is_zeros() -> None:
    block = block_of(TARGET[:0], SOURCE[:0], 4, 5)
    for aggregate in aggregators():
        assert not aggregate(torch.randn(5, 3), block).any()
