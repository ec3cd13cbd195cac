"""Blocked hold-out: of each user's items, one and those most like it, all held out together.

A cut at random leaves beside what it holds out its nearest neighbours, other stops of the same
trip say, so that memorising which items stand together is rewarded; in what people do next those
neighbours are missing too. Holding out blocks asks for what carries further (Roberts et al. 2017,
"Cross-validation strategies for data with temporal, spatial, hierarchical, or phylogenetic
structure", Ecography 40).
"""

import numpy as np
from scipy import sparse

from engine.data.arrays import Int32Array, Int64Array
from engine.data.interactions import Interactions

_USERS_AT_ONCE = 2_000


def hold_out_blocks(
    interactions: Interactions, generator: np.random.Generator, fraction: float
) -> sparse.csr_array:
    """Return ``(n_users, n_items)``, the pairs of blocks; a user of one item keeps it.

    Items are alike by cosine over who had them. One of a user's items is drawn; it and the most
    like it make the block, ``fraction`` of the user's items, to the nearest whole number.

    Args:
        interactions: Events; a pair counts once.
        generator: Draws each user's item.
        fraction: Share of a user's items, 0 to 1.
    """
    had = interactions.csr(binary=True)
    degree = np.diff(had.indptr)
    sizes = np.where(degree > 1, np.floor(degree * fraction + 0.5), 0).astype(np.int64)
    drawn = (generator.random(len(degree)) * degree).astype(np.int64)
    users = np.flatnonzero(sizes)
    pairs = [
        _blocks(had, part, had.indices[had.indptr[part] + drawn[part]], sizes[part])
        for part in np.split(users, range(_USERS_AT_ONCE, len(users), _USERS_AT_ONCE))
    ]
    user, item = np.concatenate(pairs, axis=1)
    return sparse.csr_array((np.ones(len(user), dtype=np.float32), (user, item)), shape=had.shape)


def _blocks(
    had: sparse.csr_array,
    users: Int64Array,
    drawn: Int32Array,
    sizes: Int64Array,
) -> Int64Array:
    """Return users and items of the blocks around one item of each user."""
    own = had[users]
    together = sparse.csr_array(had.T.tocsr()[drawn] @ had)  # users with both, of all items
    likeness = sparse.csr_array(own.multiply(together)).tocoo()
    counts = np.bincount(had.indices, minlength=had.shape[1])
    # The drawn item's own root is the same for a whole row, which only has to be ordered.
    cosine = likeness.data / np.sqrt(counts[likeness.col])
    cosine[likeness.col == drawn[likeness.row]] = np.inf
    order = np.lexsort((likeness.col, -cosine, likeness.row))
    row = likeness.row[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    kept = rank < sizes[row]
    return np.stack((users[row[kept]], likeness.col[order][kept].astype(np.int64)))
