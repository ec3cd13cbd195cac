"""What serving folds into user vectors between two trainings, in NumPy.

The same arithmetic as ``cypher/part/folded_vector.cypher``, so that what is judged is what is
served. With d the sum of the newest fifty new items' vectors, each times 0.5^(age / half-life) and
the highest weight of its events' kinds, of unit length: z_u + weight * |z_u| * d. Who has no vector
is given d, and n / (n + 5) of its score after n items. What has no time comes after all that has
one, and has no age.
"""

import numpy as np
from scipy import sparse

from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.signals import MILLISECONDS_PER_DAY

NEWEST = 50
PRIOR = 5.0
DRIFT_WEIGHT = 0.5
"""Where nothing can be measured: the best on two of three data sets (docs/recommendations.md)."""


def folded(
    users: Float32Array,
    items: Float32Array,
    events: Interactions,
    since: int,
    *,
    weight: float,
    half_life_days: float,
    cosine: bool,
) -> Float32Array:
    """Return user vectors as they are served after some events, ``(n_users, d) float32``.

    Args:
        users: ``(n_users, d)``, rows of zeros where the model knows nothing of a user; of unit
            length where vectors are compared by cosine.
        items: ``(n_items, d)``; rows of zeros move nothing.
        events: Everything that is known.
        since: Epoch milliseconds: what came later the model has not seen.
        weight: How much what is new counts beside the user's own vector.
        half_life_days: Age at which an event counts half.
        cosine: Whether vectors are compared by cosine.
    """
    known = (users != 0).any(axis=1)
    fresh = events.select(~known[events.user] | (events.at > since))
    direction, counts = _direction(items, fresh, half_life_days)
    lengths = np.linalg.norm(direction, axis=1)
    moved = lengths > 0
    direction[moved] /= lengths[moved, None]
    norms = np.linalg.norm(users, axis=1)
    result = users + np.float32(weight) * norms[:, None] * direction
    if cosine:
        result /= np.where(known, np.linalg.norm(result, axis=1), 1.0)[:, None]
    new = ~known & moved
    result[new] = (counts[new] / (counts[new] + PRIOR))[:, None] * direction[new]
    return np.ascontiguousarray(result, dtype=np.float32)


def _direction(
    items: Float32Array, fresh: Interactions, half_life_days: float
) -> tuple[Float32Array, Int64Array]:
    """Return the weighed sum of each user's newest items, and how many those are."""
    fresh = fresh.select((items != 0).any(axis=1)[fresh.item])
    order = np.lexsort((fresh.item, -fresh.at, fresh.user))
    # The newest event on each item of each user comes first.
    pairs = fresh.user[order].astype(np.int64) * fresh.n_items + fresh.item[order]
    _, first, pair = np.unique(pairs, return_index=True, return_inverse=True)
    heaviest = np.zeros(len(first))
    np.maximum.at(heaviest, pair.reshape(-1), fresh.counted()[order])
    by_first = np.argsort(first)
    order, heaviest = order[first[by_first]], heaviest[by_first]
    user, at = fresh.user[order], fresh.at[order]
    counts = np.bincount(user, minlength=fresh.n_users)
    starts = np.cumsum(counts) - counts
    newest = np.arange(len(order)) - starts[user] < NEWEST
    age = np.where(at[newest] > 0, at[starts[user[newest]]] - at[newest], 0)
    weights = np.exp2(-age / (half_life_days * MILLISECONDS_PER_DAY)) * heaviest[newest]
    matrix = sparse.csr_array(
        (weights.astype(np.float32), (user[newest], fresh.item[order][newest])),
        shape=(fresh.n_users, fresh.n_items),
    )
    found: Float32Array = np.asarray(matrix @ items, dtype=np.float32)
    return found, np.minimum(counts, NEWEST)
