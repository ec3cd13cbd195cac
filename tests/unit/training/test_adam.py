"""Adam beside PyTorch's own: dense gradients, sparse ones, and a state that both go on with."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from engine.training.adam import Adam

Optimiser = Callable[..., torch.optim.Optimizer]
RATE = 0.05


def steps(count: int, rows: int) -> Iterator[torch.Tensor]:
    """Yield the rows of some batches: a few of all, some of them several times."""
    generator = np.random.default_rng(3)
    for _ in range(count):
        yield torch.from_numpy(generator.integers(0, rows, 6))


def moved(optimiser: Optimiser, batches: Iterator[torch.Tensor], *, sparse: bool) -> torch.Tensor:
    """Return a table of ten rows after a step on each batch, and what is learned beside it."""
    table = torch.arange(30.0).reshape(10, 3).div(30).requires_grad_()
    whole = torch.ones(3).requires_grad_()
    chosen = optimiser([table, whole], lr=RATE) if optimiser is Adam else None
    apart = chosen or optimiser([table], lr=RATE)
    beside = chosen or torch.optim.Adam([whole], lr=RATE)
    for batch in batches:
        loss = (F.embedding(batch, table, sparse=sparse) * whole).square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        for one in {apart, beside}:
            one.step()
            one.zero_grad(set_to_none=True)
    return torch.cat((table.detach(), whole.detach()[None]))


@pytest.mark.parametrize(
    ("reference", "sparse"), [(torch.optim.SparseAdam, True), (torch.optim.Adam, False)]
)
def test_it_is_what_pytorch_has_for_gradients_of_either_kind(
    reference: Optimiser, sparse: bool
) -> None:
    expected = moved(reference, steps(20, 10), sparse=sparse)
    torch.testing.assert_close(moved(Adam, steps(20, 10), sparse=sparse), expected)


def test_where_every_batch_names_every_row_both_kinds_are_one() -> None:
    batches = [torch.arange(10)] * 5
    dense, sparse = (moved(Adam, iter(batches), sparse=kind) for kind in (False, True))
    torch.testing.assert_close(sparse, dense)


def test_a_row_that_no_later_batch_names_stays_where_it_is() -> None:
    first, second = torch.tensor([0, 1]), torch.tensor([1])
    once, twice = (moved(Adam, iter(b), sparse=True) for b in ([first], [first, second]))
    assert torch.equal(once[0], twice[0])
    assert not torch.equal(once[1], twice[1])
    dense = moved(Adam, iter([first, second]), sparse=False)
    assert not torch.equal(once[0], dense[0])  # Adam's mean of gradients moves it on


def test_a_state_of_one_kind_is_gone_on_with_by_the_other() -> None:
    table = torch.zeros(4, 2).requires_grad_()
    for sparse in (False, True):
        before = Adam([table], lr=RATE)
        F.embedding(torch.arange(4), table, sparse=sparse).sum().backward()  # type: ignore[no-untyped-call]
        before.step()
        after = Adam([table], lr=RATE)
        after.load_state_dict(before.state_dict())
        F.embedding(torch.arange(2), table, sparse=not sparse).sum().backward()  # type: ignore[no-untyped-call]
        after.step()
        assert after.state[table]["step"] == 2
