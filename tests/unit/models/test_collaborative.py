import numpy as np
import pytest
import torch

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.models.collaborative import Collaborative, VectorConfig, equal_cells
from engine.models.encoder import Batch, PairComparison

# a: x y; b: y; c and z: nothing.
DATA = Interactions.of(
    Vocabulary(["a", "b", "c"]), Vocabulary(["x", "y", "z"]), [0, 0, 1], [0, 1, 1]
)
BATCH = Batch(torch.tensor([0, 0]), torch.tensor([0, 1]), torch.tensor([1, 2]))
FINAL = torch.tensor([[3.0, 4.0], [1, 0], [9, 9], [0, 2], [5, 0], [9, 9]])


def nodes(**settings: object) -> Collaborative:
    config = VectorConfig(dimension=2, **settings)  # type: ignore[arg-type]
    return Collaborative(DATA, config, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("scoring", "user", "item"), [("dot", [3.0, 4.0], [0.0, 2.0]), ("cosine", [0.6, 0.8], [0, 1])]
)
def test_a_batch_gets_the_vectors_of_its_rows(
    scoring: str, user: list[float], item: list[float]
) -> None:
    seen: list[PairComparison] = []

    def loss(batch: PairComparison) -> torch.Tensor:
        seen.append(batch)
        return batch.users.sum()

    nodes(scoring=scoring, l2=0.0).loss(FINAL, BATCH, loss)
    assert seen[0].owner is not None
    torch.testing.assert_close(seen[0].users[seen[0].owner], torch.tensor([user, user]))
    torch.testing.assert_close(seen[0].positives[0], torch.tensor(item, dtype=torch.float32))
    assert seen[0].negatives.shape == (2, 2)
    assert seen[0].same is not None
    assert [one.tolist() for one in seen[0].same] == [[0], [0]]


def test_l2_counts_a_vector_as_often_as_the_batch_names_it() -> None:
    ours = nodes(l2=0.5)
    first = ours.first.detach()
    expected = 0.5 * (2 * first[0].square().sum() + first[3:5].square().sum()) / (2 * 2)
    found = ours.loss(FINAL, BATCH, lambda batch: torch.zeros(()))
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("scoring", ["dot", "cosine"])
def test_nodes_without_events_have_no_vector_and_the_final_ones_stay(scoring: str) -> None:
    given = FINAL.clone()
    found = nodes(scoring=scoring).embeddings(given)
    assert not found.users[2].any()
    assert not found.items[2].any()
    assert found.users[:2].any(axis=1).all()
    torch.testing.assert_close(given, FINAL)


def test_equal_cells_are_those_of_the_table() -> None:
    draw = np.random.default_rng(1)
    rows, columns = (torch.from_numpy(draw.integers(0, 9, count)) for count in (40, 25))
    table = torch.zeros(40, 25, dtype=torch.bool)
    found = equal_cells(rows, columns)
    table[found] = True
    assert torch.equal(table, rows[:, None] == columns[None, :])
    assert torch.equal(found[0], found[0].sort().values)
