import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary
from engine.evaluation import ranking


def events(pairs: list[tuple[int, int]], users: int = 3, items: int = 6) -> Interactions:
    user, item = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(users)]),
        Vocabulary([f"i{n}" for n in range(items)]),
        user,
        item,
    )


TRAIN = events([(0, 0), (0, 1), (1, 2), (1, 3)])
TEST = events([(0, 0), (0, 2), (1, 4), (2, 1)])


def descending(rows: np.ndarray) -> np.ndarray:
    return np.tile(np.arange(6, 0, -1, dtype=np.float32), (len(rows), 1))


def test_only_users_and_items_of_train_are_asked() -> None:
    # u2 has no training event; i4, u1's only test item, has none either.
    assert ranking.task(TRAIN, TEST, include_seen=True).users.tolist() == [0]


def test_seen_items_are_neither_listed_nor_relevant() -> None:
    question = ranking.task(TRAIN, TEST, include_seen=False)
    lists = ranking.top(question, descending, 6)
    assert lists.tolist() == [[2, 3, -1, -1, -1, -1]]
    assert ranking.measure(question, lists, (1,)).means["recall@1"] == 1.0


def test_seen_items_count_when_allowed() -> None:
    question = ranking.task(TRAIN, TEST, include_seen=True)
    lists = ranking.top(question, descending, 3)
    assert lists.tolist() == [[0, 1, 2]]
    assert ranking.measure(question, lists, (3,)).means["recall@3"] == 1.0


@pytest.mark.parametrize("k", [1, 5, 40])
def test_best_equals_a_full_sort_with_ties_in_the_given_order(k: int) -> None:
    generator = np.random.default_rng(0)
    scores = generator.integers(0, 6, (50, 40)).astype(np.float32)
    ties = generator.permutation(40)
    expected = np.array([np.lexsort((ties, -row))[:k] for row in scores])
    assert (ranking.best(scores, k, ties) == expected).all()


@pytest.mark.parametrize("columns", [63, 64, 400, 1_300, 3_001])
@pytest.mark.parametrize("levels", [1, 3, 1_000_000])
def test_best_of_many_columns_equals_a_full_sort(columns: int, levels: int) -> None:
    """Blocks of columns, ties over all of them, and cells that are never listed."""
    draw = np.random.default_rng(columns + levels)
    for hidden in (0.0, 0.4, 0.995):
        scores = draw.integers(0, levels, (9, columns)).astype(np.float32)
        scores[draw.random(scores.shape) < hidden] = -np.inf
        ties = draw.permutation(columns)
        expected = np.lexsort((np.tile(ties, (9, 1)), -scores))[:, :10]
        expected[~np.isfinite(np.take_along_axis(scores, expected, axis=1))] = -1
        assert (ranking.best(scores, 10, ties) == expected).all()


def test_equal_scores_are_listed_by_popularity_then_by_id() -> None:
    """Rows of items say nothing: the store numbers them as it likes."""
    items = Vocabulary(["c", "b", "a", "d"])
    users = Vocabulary(["u0", "u1", "u2"])
    train = Interactions.of(users, items, [0, 1, 2, 1, 0], [0, 0, 1, 3, 2])
    assert items.tie_order(train.item_counts()).tolist() == [0, 2, 1, 3]
    question = ranking.task(train, Interactions.of(users, items, [1], [0]), include_seen=True)
    equal = ranking.top(question, lambda rows: np.zeros((len(rows), 4), dtype=np.float32), 4)
    assert [items.ids[row] for row in equal[0]] == ["c", "a", "b", "d"]


def test_a_question_that_nobody_is_asked_is_left_out() -> None:
    only_again = events([(0, 0), (1, 2)])
    assert list(ranking.both_kinds(TRAIN, only_again)) == [True]
    assert ranking.both_kinds(TRAIN, events([(2, 1)])) == {}


def test_batches_equal_one_user_at_a_time() -> None:
    generator = np.random.default_rng(1)
    train = events(list(zip(range(30), generator.integers(0, 9, 30), strict=True)), 30, 9)
    test = events(list(zip(range(30), generator.integers(0, 9, 30), strict=True)), 30, 9)
    scores = generator.random((30, 9)).astype(np.float32)
    question = ranking.task(train, test, include_seen=False)
    whole = ranking.top(question, lambda rows: scores[rows], 5)
    one_by_one = [
        ranking.best(
            np.where(
                question.never | (train.csr(binary=True)[[row]].toarray()[0] > 0),
                -np.inf,
                scores[row],
            )[None, :],
            5,
            question.tie_order,
        )[0]
        for row in question.users
    ]
    assert (whole == np.array(one_by_one)).all()
