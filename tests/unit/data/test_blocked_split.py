import numpy as np
import pytest

from engine.data import splits
from engine.data.blocked_split import hold_out_blocks
from engine.data.interactions import Interactions
from engine.data.vocabulary import Vocabulary


def interactions(pairs: list[tuple[int, int]]) -> Interactions:
    user, item = np.array(pairs, dtype=np.int32).T
    return Interactions.of(
        Vocabulary([f"{n:03}" for n in range(int(user.max()) + 1)]),
        Vocabulary([f"{n:03}" for n in range(int(item.max()) + 1)]),
        user,
        item,
        events=("had",),
    )


def at_random(users: int = 60, items: int = 25) -> Interactions:
    rng = np.random.default_rng(5)
    had = rng.random((users, items)) < np.linspace(0.1, 0.7, items)
    had[0] = np.arange(items) == 3  # one item only
    return interactions([(int(u), int(i)) for u, i in zip(*np.nonzero(had), strict=True)])


@pytest.mark.parametrize("fraction", [0.2, 0.5])
def test_a_block_is_an_item_and_those_of_the_user_most_like_it_by_cosine(fraction: float) -> None:
    data = at_random()
    had = data.csr(binary=True).toarray()
    together = had.T @ had
    cosine = together / np.sqrt(np.outer(np.diag(together), np.diag(together)))
    held = hold_out_blocks(data, np.random.default_rng(1), fraction).toarray() > 0
    for user, row in enumerate(held):
        own, block = np.flatnonzero(had[user]), np.flatnonzero(row)
        size = int(len(own) * fraction + 0.5) if len(own) > 1 else 0
        assert len(block) == size
        assert set(block) <= set(own)
        # Some item of the block has none nearer outside of it than inside.
        rest = np.setdiff1d(own, block)
        assert not size or any(
            not len(rest) or cosine[one, block].min() >= cosine[one, rest].max() - 1e-6
            for one in block
        )


def test_blocks_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    data = at_random()
    first, again, other = (
        hold_out_blocks(data, np.random.default_rng(seed), 0.3).toarray() for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_who_had_two_kinds_of_things_is_asked_for_one_kind() -> None:
    # Users have four of ten maps and four of ten pans; a cut at random would mix them.
    rng = np.random.default_rng(2)
    pairs = []
    for user in range(200):
        pairs += [(user, int(item)) for item in rng.choice(10, 4, replace=False)]
        pairs += [(user, int(item)) for item in 10 + rng.choice(10, 4, replace=False)]
        # Most have one kind only, so that the kinds are told apart.
        for more in range(1, 6):
            kind = 10 * (user % 2)
            pairs += [(200 * more + user, int(item) + kind) for item in rng.permutation(10)[:4]]
    data = interactions(pairs)
    parts = splits.split(data, "blocked", np.random.default_rng(0), 0.5)
    later = parts.later.csr(binary=True)[:200]
    share = later[:, :10].sum(axis=1) / later.sum(axis=1)
    assert np.mean(np.maximum(share, 1 - share)) > 0.9
    assert len(parts.earlier) + len(parts.later) == len(data)
