"""Link prediction between users: hide some friendships, rank everybody else, see where they land.

Protocol (Liben-Nowell and Kleinberg 2007, ranked per user): a share of the undirected edges is
hidden; for each user with a hidden friend all others but the user and the friends that are left
are ranked; recall and nDCG at k and the AUC are averaged over those users. Ties are broken at
random, as the order within them means nothing, and count half in the AUC.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from engine.data.arrays import BoolArray, Float64Array, Int64Array
from engine.evaluation import metrics

PairScorer = Callable[[Int64Array], Float64Array]
"""Given rows of users, ``(len(rows), n_users) float64``: higher is more likely a friend."""

_ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class FriendshipSplit:
    """Friendships, some of them hidden.

    Attributes:
        n_users: Rows of users.
        known: ``(n, 2) int64``, each edge once, the smaller row first.
        hidden: ``(m, 2) int64``, the same.
    """

    n_users: int
    known: Int64Array
    hidden: Int64Array

    def adjacency(self) -> sparse.csr_array:
        """Return who is known to be whose friend, ``(n_users, n_users) float64`` of ones."""
        return _symmetric(self.known, self.n_users)


@dataclass(frozen=True)
class LinkQuality:
    """Averages over the users with a hidden friend.

    Attributes:
        auc: Chance that a hidden friend ranks above somebody who is none.
        users: How many users that were.
    """

    recall: float
    ndcg: float
    auc: float
    users: int


def hide(
    edges: Int64Array, n_users: int, share: float, rng: np.random.Generator
) -> FriendshipSplit:
    """Hide a share of the friendships.

    Args:
        edges: ``(n, 2)`` rows of users; directions, repeats and loops do not matter.
        n_users: How many users there are.
        share: Between 0 and 1.
        rng: Chooses.
    """
    if not 0 < share < 1:
        raise ValueError(f"share must be between 0 and 1, not {share}")
    pairs = np.unique(np.sort(edges[edges[:, 0] != edges[:, 1]], axis=1), axis=0)
    order = rng.permutation(len(pairs))
    cut = round(share * len(pairs))
    return FriendshipSplit(n_users, pairs[np.sort(order[cut:])], pairs[np.sort(order[:cut])])


def evaluate(
    split: FriendshipSplit, score: PairScorer, k: int, rng: np.random.Generator
) -> LinkQuality:
    """Rank everybody for each user with a hidden friend; ``rng`` breaks ties."""
    known, hidden = split.adjacency(), _symmetric(split.hidden, split.n_users)
    rows = np.flatnonzero(np.diff(hidden.indptr) > 0)
    parts: list[Float64Array] = []
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        excluded = known[some].toarray() > 0
        excluded[np.arange(len(some)), some] = True
        wanted = hidden[some].toarray() > 0
        parts.append(_measure(score(some), excluded, wanted, k, rng))
    recall, ndcg, auc = np.concatenate(parts, axis=1).mean(axis=1)
    return LinkQuality(float(recall), float(ndcg), float(auc), len(rows))


def random_scores(n_users: int, rng: np.random.Generator) -> PairScorer:
    """Return the baseline that knows nothing."""
    return lambda rows: rng.random((len(rows), n_users))


def degree_scores(split: FriendshipSplit) -> PairScorer:
    """Return the baseline that ranks users by how many friends they have."""
    degree = np.asarray(split.adjacency().sum(axis=1)).ravel()
    return lambda rows: np.tile(degree, (len(rows), 1))


def _measure(
    scores: Float64Array,
    excluded: BoolArray,
    wanted: BoolArray,
    k: int,
    rng: np.random.Generator,
) -> Float64Array:
    """Return recall, nDCG and AUC of each row, ``(3, rows)``."""
    left = np.where(excluded, -np.inf, scores)
    order = np.lexsort((rng.random(left.shape), -left), axis=1)
    ranked = np.take_along_axis(wanted, order[:, :k], axis=1)
    relevant = wanted.sum(axis=1).astype(np.int64)
    area = np.array(
        [
            _auc(row[mine], row[~mine & ~out])
            for row, mine, out in zip(left, wanted, excluded, strict=True)
        ]
    )
    return np.stack([metrics.recall(ranked, relevant), metrics.ndcg(ranked, relevant), area])


def _auc(friends: Float64Array, others: Float64Array) -> float:
    """Return the share of pairs in the right order; a tie is half a pair."""
    if not len(others):
        return 0.5
    ordered = np.sort(others)
    below = np.searchsorted(ordered, friends, side="left")
    not_above = np.searchsorted(ordered, friends, side="right")
    return float((below + not_above).mean() / (2 * len(others)))


def _symmetric(edges: Int64Array, n_users: int) -> sparse.csr_array:
    both = np.concatenate([edges, edges[:, ::-1]])
    ones = np.ones(len(both))
    return sparse.csr_array((ones, (both[:, 0], both[:, 1])), shape=(n_users, n_users))
