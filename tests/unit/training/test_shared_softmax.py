import pytest
import torch

from engine.training.shared_softmax import ScoreCells, ScoreTable, shared_softmax

DRAW = torch.Generator().manual_seed(3)
POSITIVES = torch.randn(7, 3, generator=DRAW, dtype=torch.float64)
NEGATIVES = torch.randn(5, 3, generator=DRAW, dtype=torch.float64)
WEIGHTS = torch.rand(7, generator=DRAW, dtype=torch.float64)
SAME = (torch.tensor([0, 2, 2, 3]), torch.tensor([4, 0, 3, 1]))
# A row per pair; and four rows, of which the third has no pair and the last has nothing left.
EACH = ScoreCells(torch.arange(7), SAME)
WHOLE = ScoreCells(torch.tensor([0, 0, 0, 1, 1, 3, 3]), SAME)
NONE_LEFT = ScoreCells(WHOLE.owner, (torch.tensor([1] + [3] * 5), torch.tensor([0, *range(5)])))
CELLS = [EACH, WHOLE, NONE_LEFT, ScoreCells(EACH.owner), ScoreCells(WHOLE.owner)]


def users_of(cells: ScoreCells) -> torch.Tensor:
    draw = torch.Generator().manual_seed(4)
    return torch.randn(int(cells.owner.max()) + 1, 3, generator=draw, dtype=torch.float64)


def by_autograd(*vectors: torch.Tensor, cells: ScoreCells, temperature: float) -> torch.Tensor:
    users, positives, negatives = vectors
    scores = users @ negatives.T
    if cells.same is not None:
        scores = scores.index_put(cells.same, scores.new_tensor(-torch.inf))
    users, scores = users[cells.owner], scores[cells.owner]
    logits = torch.cat(((users * positives).sum(1, keepdim=True), scores), dim=1) / temperature
    return (-torch.log_softmax(logits, dim=1)[:, 0] * WEIGHTS).sum()


@pytest.mark.parametrize("at_once", [1, 12, 1_000])
@pytest.mark.parametrize("cells", CELLS)
@pytest.mark.parametrize("temperature", [0.02, 1.0])
def test_value_and_gradients_are_those_of_autograd(
    at_once: int, cells: ScoreCells, temperature: float
) -> None:
    given = (users_of(cells), POSITIVES, NEGATIVES)
    ours = [one.clone().requires_grad_() for one in given]
    theirs = [one.clone().requires_grad_() for one in given]
    value = shared_softmax(*ours, cells, WEIGHTS, temperature, ScoreTable(at_once))
    expected = by_autograd(*theirs, cells=cells, temperature=temperature)
    torch.testing.assert_close(value, expected)
    (3.0 * value).backward()
    (3.0 * expected).backward()
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.grad, other.grad)


@pytest.mark.parametrize("cells", [EACH, WHOLE])
def test_gradients_by_differences(cells: ScoreCells) -> None:
    vectors = [one.clone().requires_grad_() for one in (users_of(cells), POSITIVES, NEGATIVES)]
    assert torch.autograd.gradcheck(lambda *v: shared_softmax(*v, cells, WEIGHTS, 0.5), vectors)


def test_scores_far_beyond_what_exp_can_hold_stay_finite() -> None:
    users = (1e4 * users_of(WHOLE)).requires_grad_()
    value = shared_softmax(users, POSITIVES, NEGATIVES, WHOLE, WEIGHTS, 0.1)
    value.backward()
    assert torch.isfinite(value)
    assert users.grad is not None
    assert torch.isfinite(users.grad).all()


def test_a_table_of_bfloat16_has_the_value_and_gradients_to_its_digits() -> None:
    draw = torch.Generator().manual_seed(5)
    owner = torch.arange(600) // 3
    weights = torch.full((600,), 1 / 600)
    given = [
        torch.nn.functional.normalize(torch.randn(count, 16, generator=draw), dim=1)
        for count in (200, 600, 900)
    ]
    found = {}
    for name, kind in (("whole", None), ("short", torch.bfloat16)):
        vectors = [one.clone().requires_grad_() for one in given]
        table = ScoreTable(at_once=50 * 900, dtype=kind)
        value = shared_softmax(*vectors, ScoreCells(owner), weights, 0.1, table)
        value.backward()
        assert all(one.grad is not None and one.grad.dtype == torch.float32 for one in vectors)
        found[name] = [value.detach(), *(one.grad for one in vectors)]
    for one, other in zip(found["short"], found["whole"], strict=True):
        # Scores of up to 10 are rounded by up to 2^-9 of themselves: e^0.02 in the worst term.
        assert torch.linalg.norm(one - other) < 0.02 * torch.linalg.norm(other)
        assert not torch.equal(one, other)
